import type { JobEvent, JobView, Longhaul } from '@app/client';
import { Terminal } from './terminal.js';
import { watch } from './watch.js';

const job = { id: 'j1', kind: 'debug.sleep', state: 'running', progress: { done: 1, total: 2 }, lastEventId: 3 } as unknown as JobView;

function told(...events: object[]): { terminal: Terminal; longhaul: Longhaul; lines: string[] } {
  const lines: string[] = [];
  const stream = { isTTY: false, write: (text: string) => lines.push(text.trimEnd()) } as unknown as NodeJS.WriteStream;
  const ended = async (_: JobView, { onEvent }: { onEvent: (event: JobEvent) => void }) => {
    for (const event of events) onEvent(event as JobEvent);
    return { ...job, state: 'succeeded', progress: { done: 2, total: 2 } };
  };
  return { terminal: new Terminal(stream, stream, {}), longhaul: { ended } as unknown as Longhaul, lines };
}

test('a watch begins with how the job stands, and not again with how it came to that', async () => {
  const { terminal, longhaul, lines } = told(
    { seq: 1, type: 'state', state: 'queued' },
    { seq: 2, type: 'state', state: 'running' },
    { seq: 3, type: 'progress', done: 1, total: 2 },
    { seq: 4, type: 'progress', done: 2, total: 2 },
    { seq: 5, type: 'state', state: 'succeeded' },
  );
  await watch(longhaul, job, { terminal, json: false, signal: new AbortController().signal });
  expect(lines).toEqual(['running  1 of 2 (50 %)', 'running  2 of 2 (100 %)', 'succeeded']);
});
