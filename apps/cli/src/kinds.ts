import type { KindView } from '@app/client';
import type { Invocation } from './arguments.js';
import { noteOf, pauseText } from './pauses.js';
import { aligned } from './table.js';
import type { Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';
import { spanOf } from './why-text.js';

/** `kinds`, `kinds pause|resume <kind>`. */
export async function kinds({ operands, values }: Pick<Invocation, 'operands' | 'values'>, { longhaul, terminal, json, signal }: Tools): Promise<number> {
  const [action, kind] = operands;
  const tell = (answer: unknown, lines: () => string[]): number => {
    if (json) terminal.json(answer);
    else for (const line of lines()) terminal.print(line);
    return EXIT.ok;
  };
  if (action === undefined) {
    const { items } = await longhaul.kinds.list({ signal });
    return tell({ items }, () => kindTable(items, Date.now()));
  }
  if (action !== 'pause' && action !== 'resume') throw new UsageError(`expected kinds, or kinds pause|resume <kind>, got: kinds ${action}`);
  if (kind === undefined) throw new UsageError(`expected a kind: longhaul kinds ${action} <kind>`);
  if (action === 'resume') {
    const resumed = await longhaul.kinds.resume(kind, { signal });
    return tell(resumed, () => [`${resumed.kind} is not paused`]);
  }
  const pause = await longhaul.kinds.pause(kind, noteOf(values), { signal });
  return tell(pause, () => [`${pause.kind} is ${pauseText(pause, Date.now())}`]);
}

export function kindTable(items: readonly KindView[], now: number): string[] {
  const rows = items.map((kind) => [
    kind.kind,
    kind.queue,
    String(kind.priority),
    String(kind.maxAttempts),
    kind.timeoutMs === null ? '-' : spanOf(kind.timeoutMs),
    kind.paused ? pauseText(kind, now) : '',
  ]);
  return aligned([['KIND', 'QUEUE', 'PRIORITY', 'ATTEMPTS', 'TIMEOUT', 'NOTES'], ...rows]).map((line) => line.trimEnd());
}
