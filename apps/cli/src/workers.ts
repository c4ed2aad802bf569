import type { Worker } from '@app/client';
import type { Invocation } from './arguments.js';
import { assignQueues, queuesText, takesWanted, wantedQueues } from './assign-queues.js';
import type { Gateway } from './ask.js';
import { noteOf } from './pauses.js';
import { aligned, counted } from './table.js';
import type { Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';

/** `workers`, `workers drain <id>`, `workers assign <id…>`, `workers unassign <id…>`. */
export async function workers(
  { operands, values }: Pick<Invocation, 'operands' | 'values'>,
  gateway: Gateway,
  tools: Pick<Tools, 'longhaul' | 'terminal' | 'json' | 'signal'>,
): Promise<number> {
  const { longhaul, terminal, json, signal } = tools;
  const [action, id, ...more] = operands;
  if (action === 'assign' || action === 'unassign') return assignQueues({ operands, values }, gateway, tools);
  if (action === undefined) {
    const { items } = await longhaul.listWorkers({ signal });
    if (json) terminal.json({ items });
    else if (items.length === 0) terminal.say('no worker runs; npx longhaul worker starts one');
    else for (const line of [...table(items), ...assignedLines(items), ...runningLines(items), ...abandonedLines(items)]) terminal.print(line);
    return EXIT.ok;
  }
  if (action !== 'drain' || id === undefined || more.length > 0)
    throw new UsageError(`expected workers, workers drain <id>, workers assign <id…> or workers unassign <id…>, got: workers ${operands.join(' ')}`);
  const worker = await longhaul.drainWorker(id, { ...noteOf(values), signal });
  if (json) terminal.json(worker);
  else terminal.print(`asked worker ${worker.id} (${worker.name}) to drain; ${counted(worker.runningCount, 'job runs', 'jobs run')} on it`);
  return EXIT.ok;
}

function table(items: Worker[]): string[] {
  const rows = items.map((worker) => [
    String(worker.id),
    worker.name,
    worker.state,
    String(worker.runningCount),
    `${worker.concurrency} a queue`,
    takesWanted(worker) ? queuesText(worker.queues) : `${queuesText(worker.queues)}, soon ${queuesText(wantedQueues(worker))}`,
    worker.version ?? '-',
    worker.memoryBytes === null ? '-' : `${Math.round(worker.memoryBytes / 2 ** 20)} MB`,
    worker.startedAt,
  ]);
  return aligned([['ID', 'NAME', 'STATE', 'RUNNING', 'SLOTS', 'QUEUES', 'VERSION', 'MEMORY', 'STARTED'], ...rows]);
}

function assignedLines(items: Worker[]): string[] {
  const found = items.flatMap(({ id, assigned, configuredQueues }) => {
    if (!assigned) return [];
    const { queues, by, reason, requestedAt } = assigned;
    const who = `${by === null ? '' : ` by ${by}`}${reason === null ? '' : `: ${reason}`}`;
    return [`worker ${id} was assigned ${queuesText(queues)} in place of ${queuesText(configuredQueues ?? [])} at ${requestedAt}${who}`];
  });
  return found.length === 0 ? [] : ['', ...found];
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
