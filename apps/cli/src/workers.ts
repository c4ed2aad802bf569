import type { Worker } from '@app/client';
import type { Invocation } from './arguments.js';
import { aligned } from './table.js';
import type { Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';

/** `workers`, `workers drain <id>`. */
export async function workers({ operands, values }: Pick<Invocation, 'operands' | 'values'>, { longhaul, terminal, json, signal }: Tools): Promise<number> {
  const [action, id] = operands;
  if (action === undefined) {
    const { items } = await longhaul.listWorkers({ signal });
    if (json) terminal.json({ items });
    else if (items.length === 0) terminal.say('no worker runs; npx longhaul worker starts one');
    else for (const line of [...table(items), ...runningLines(items), ...abandonedLines(items)]) terminal.print(line);
    return EXIT.ok;
  }
  if (action !== 'drain' || id === undefined) throw new UsageError(`expected workers, or workers drain <id>, got: workers ${operands.join(' ')}`);
  const { reason, by } = values as Record<string, string | undefined>;
  const worker = await longhaul.drainWorker(id, { ...(reason === undefined ? {} : { reason }), ...(by === undefined ? {} : { by }), signal });
  if (json) terminal.json(worker);
  else terminal.print(`asked worker ${worker.id} (${worker.name}) to drain; ${worker.runningCount} jobs run on it`);
  return EXIT.ok;
}

function table(items: Worker[]): string[] {
  const rows = items.map(({ id, name, state, runningCount, concurrency, queues, version, memoryBytes, startedAt }) => [
    String(id),
    name,
    state,
    `${runningCount} of ${concurrency}`,
    queues.length === 0 ? 'all' : queues.join(', '),
    version ?? '-',
    memoryBytes === null ? '-' : `${Math.round(memoryBytes / 2 ** 20)} MB`,
    startedAt,
  ]);
  return aligned([['ID', 'NAME', 'STATE', 'RUNNING', 'QUEUES', 'VERSION', 'MEMORY', 'STARTED'], ...rows]);
}

function runningLines(items: Worker[]): string[] {
  const rows = items.flatMap(({ id, running }) =>
    running.map((job) => [String(id), job.id, job.kind, `attempt ${job.attempt}`, job.slots === 1 ? '' : `${job.slots} slots`, `since ${job.startedAt}`]),
  );
  return rows.length === 0 ? [] : ['', ...aligned([['WORKER', 'JOB', 'KIND', '', '', ''], ...rows])];
}

function abandonedLines(items: Worker[]): string[] {
  const found = items.flatMap(({ id, abandoned }) =>
    abandoned.map(({ jobId, kind, since }) => `worker ${id} still computes for job ${jobId} (${kind}), which was given up at ${since}`),
  );
  return found.length === 0 ? [] : ['', ...found];
}
