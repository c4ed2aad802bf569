import type { Queue, QueueChange, QueueFairness } from '@app/client';
import type { Invocation } from './arguments.js';
import { noteOf, pauseText } from './pauses.js';
import { COMMANDS } from './commands.js';
import { aligned } from './table.js';
import type { Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';
import { spanOf } from './why-text.js';

const ACTIONS = COMMANDS.queues.actions;
type Action = (typeof ACTIONS)[number];

/** `queues`, `queues show|set|pause|resume|declare|delete <name>`. What a value may be is said by the gateway. */
export async function queues({ operands, values }: Pick<Invocation, 'operands' | 'values'>, { longhaul, terminal, json, signal }: Tools): Promise<number> {
  const [action, name] = operands;
  const tell = (answer: unknown, lines: () => string[]): number => {
    if (json) terminal.json(answer);
    else for (const line of lines()) terminal.print(line);
    return EXIT.ok;
  };
  if (action === undefined) {
    const { items } = await longhaul.queues.list({ signal });
    return tell({ items }, () => queueTable(items, Date.now()));
  }
  if (!isAction(action)) throw new UsageError(`expected queues, or queues ${ACTIONS.join('|')} <name>, got: queues ${action}`);
  if (name === undefined) throw new UsageError(`expected the name of a queue: longhaul queues ${action} <name>`);
  switch (action) {
    case 'show': {
      const queue = await longhaul.queues.get(name, { signal });
      return tell(queue, () => queueLines(queue, Date.now()));
    }
    case 'set': {
      const settings = await longhaul.queues.change(name, { fair: fairness(values) }, { signal });
      return tell(settings, () => [`${settings.name}: ${fairText(settings.fair)}`]);
    }
    case 'pause': {
      const pause = await longhaul.queues.pause(name, noteOf(values), { signal });
      return tell(pause, () => [`${pause.name} is ${pauseText(pause, Date.now())}`]);
    }
    case 'resume': {
      const pause = await longhaul.queues.resume(name, { signal });
      return tell(pause, () => [`${pause.name} is not paused`]);
    }
    case 'declare': {
      const declared = await longhaul.queues.declare(name, { signal });
      return tell(declared, () => [`declared ${declared.name}`]);
    }
    case 'delete': {
      await longhaul.queues.delete(name, { signal });
      return tell({ deleted: name }, () => [`deleted ${name}`]);
    }
  }
}

function isAction(text: string): text is Action {
  return (ACTIONS as readonly string[]).includes(text);
}

/** `--fair off` is null: first in, first out. */
function fairness(values: Invocation['values']): NonNullable<QueueChange['fair']> | null {
  const [by, cost, weights = []] = [values['fair'], values['cost'], values['weight']] as [string?, string?, string[]?];
  if (by === undefined) throw new UsageError('expected --fair tag:<name>, --fair kind, or --fair off: longhaul queues set <name> --fair tag:tenant');
  if (by !== 'off') return { by, ...(cost === undefined ? {} : { cost: cost as 'count' | 'time' }), weights: Object.fromEntries(weights.map(weightOf)) };
  if (cost !== undefined || weights.length > 0) throw new UsageError('expected nothing else with --fair off, got --cost or --weight');
  return null;
}

/** Keys may hold an equals sign, numbers do not. */
function weightOf(text: string): [key: string, weight: number] {
  const [, key, number] = /^(.+)=([^=]+)$/s.exec(text) ?? [];
  const weight = Number(number);
  if (key === undefined || number?.trim() === '' || !Number.isFinite(weight))
    throw new UsageError(`expected --weight <key>=<number>, such as acme=3, got: ${text}`);
  return [key, weight];
}

export function queueTable(items: readonly Queue[], now: number): string[] {
  const rows = items.map((queue) => [
    queue.name,
    ...[sentOf(queue), queue.waiting, queue.parked, queue.running, queue.scheduled].map((count) => count.toLocaleString('en')),
    queue.oldestAgeSeconds === null ? '-' : spanOf(queue.oldestAgeSeconds * 1_000),
    String(queue.consumers),
    notes(queue, now).join('; '),
  ]);
  return aligned([['QUEUE', 'READY', 'WAITING', 'PARKED', 'RUNNING', 'SCHEDULED', 'OLDEST', 'WORKERS', 'NOTES'], ...rows]).map((line) => line.trimEnd());
}

/** Jobs that are on their way to a worker: those of the queue that are not in the waiting room. */
function sentOf({ queued, waiting, parked }: Queue): number {
  return queued - waiting - parked;
}

function notes(queue: Queue, now: number): string[] {
  return [
    ...(queue.paused ? [pauseText(queue, now)] : []),
    ...(queue.consumers === 0 ? ['no worker takes from it'] : []),
    ...(queue.fair === null ? [] : [fairText(queue.fair)]),
  ];
}

function fairText(fair: QueueFairness | null): string {
  if (fair === null) return 'first in, first out';
  const weights = Object.entries(fair.weights ?? {})
    .map(([key, weight]) => `${key} ${weight}`)
    .sort();
  return `${fair.cost === 'time' ? 'worker time' : 'starts'} shared by ${fair.by}${weights.length === 0 ? '' : ` (weights: ${weights.join(', ')})`}`;
}

function queueLines(queue: Queue, now: number): string[] {
  const oldest = queue.oldestAgeSeconds;
  return aligned([
    ['queue', queue.name],
    ['state', queue.paused ? pauseText(queue, now) : 'not paused'],
    ['order', fairText(queue.fair)],
    ['ready', `${sentOf(queue).toLocaleString('en')} on their way to a worker`],
    ['waiting', `${queue.waiting.toLocaleString('en')} for their turn`],
    ['parked', `${queue.parked.toLocaleString('en')} for a limit`],
    ['running', queue.running.toLocaleString('en')],
    ['scheduled', queue.scheduled.toLocaleString('en')],
    ['oldest', oldest === null ? 'none waits' : `has waited for ${spanOf(oldest * 1_000)}`],
    ['workers', queue.consumers === 0 ? 'none takes from it' : String(queue.consumers)],
  ]);
}
