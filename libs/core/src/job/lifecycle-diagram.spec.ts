import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTerminal, JOB_EVENTS, JOB_STATES, nextState } from './lifecycle.js';

/** The diagram of docs/inside/lifecycle.md, of the one table. */
function diagram(): string {
  const arrows = JOB_STATES.flatMap((state) =>
    JOB_EVENTS.flatMap((event) => {
      const next = nextState(state, event);
      return next === undefined ? [] : [`  ${state} --> ${next}: ${event}`];
    }),
  );
  const ends = JOB_STATES.filter(isTerminal).map((state) => `  ${state} --> [*]`);
  return ['```mermaid', 'stateDiagram-v2', '  [*] --> scheduled: submitted for later', '  [*] --> queued: submitted', ...arrows, ...ends, '```'].join('\n');
}

test('the diagram in the docs is that of the table', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/inside/lifecycle.md'), 'utf8');
  expect(/```mermaid[^]*?```/.exec(page)?.[0]).toBe(diagram());
});
