import { ProblemError, type Worker } from '@app/client';
import type { Invocation } from './arguments.js';
import { ask, type Gateway } from './ask.js';
import { noteOf } from './pauses.js';
import type { Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';

type Queues = Pick<Worker, 'id' | 'name' | 'queues' | 'configuredQueues' | 'assigned'>;

const LOOK_MS = 200;
/** A worker reads what it was assigned within a second, and tells within another what it takes from. */
const WAIT_MS = 10_000;

/** `workers assign <id…> --queues <a,b>`, `workers unassign <id…>`; in place of ids `--all`, `--host`, `--taking`. What a queue may be is said by the gateway. */
export async function assignQueues(
  { operands: [action, ...ids], values }: Pick<Invocation, 'operands' | 'values'>,
  gateway: Gateway,
  { longhaul, terminal, json, signal }: Pick<Tools, 'longhaul' | 'terminal' | 'json' | 'signal'>,
): Promise<number> {
  const queues = wantedOf(action, values['queues']);
  const listed = async () => (await longhaul.listWorkers({ signal })).items;
  const before = await listed();
  const asked = await askEach(ids.length > 0 ? idsOf(ids, values) : chosen(before, values), { queues, ...noteOf(values) }, gateway, signal);
  let after = await listed();
  const left = () => after.filter((worker) => asked.done.has(worker.id) && !takesWanted(worker));
  if (values['wait'] === true) {
    for (const until = Date.now() + WAIT_MS; left().length > 0 && Date.now() < until && !signal.aborted; after = await listed())
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  // One that has ended meanwhile is not listed.
  const done = [...asked.done.values()].map((worker) => after.find(({ id }) => id === worker.id) ?? worker);
  if (json)
    terminal.json({ items: done.map(({ id, name, queues: takes, configuredQueues, assigned }) => ({ id, name, queues: takes, configuredQueues, assigned })), refused: asked.refused }); // prettier-ignore
  else for (const worker of done) terminal.print(sentenceOf(worker));
  for (const { id, detail } of asked.refused) terminal.say(`worker ${id} was not assigned: ${detail}`);
  for (const queue of deserted(before, after)) terminal.say(`no worker is to take ${queue} any more; its jobs wait`);
  if (values['wait'] === true && left().length > 0) terminal.say('some have not taken them yet; longhaul workers shows when they do');
  return asked.refused.length > 0 || (values['wait'] === true && left().length > 0) ? EXIT.refused : EXIT.ok;
}

/** What it is to take from; empty: all. */
export function wantedQueues({ queues, configuredQueues, assigned }: Pick<Worker, 'queues' | 'configuredQueues' | 'assigned'>): string[] {
  return assigned?.queues ?? configuredQueues ?? queues;
}

export function takesWanted(worker: Pick<Worker, 'queues' | 'configuredQueues' | 'assigned'>): boolean {
  return [...wantedQueues(worker)].sort().join() === [...worker.queues].sort().join();
}

export function queuesText(queues: readonly string[]): string {
  return queues.length === 0 ? 'all' : queues.join(', ');
}

/** Null: those of its configuration. */
function wantedOf(action: string | undefined, list: unknown): string[] | null {
  if (action === 'unassign') {
    if (list === undefined) return null;
    throw new UsageError('expected no --queues: a worker that is unassigned takes from those of its WORKER_QUEUES again');
  }
  if (typeof list !== 'string') throw new UsageError('expected queues: longhaul workers assign <id> --queues <a,b>; longhaul workers unassign <id> ends it');
  return list.split(',').map((queue) => queue.trim());
}

function idsOf(ids: string[], { all, host, taking }: Invocation['values']): string[] {
  if (all !== undefined || host !== undefined || taking !== undefined) throw new UsageError('expected ids, or --all, --host or --taking, got both');
  return ids;
}

function chosen(workers: readonly Worker[], { all, host, taking }: Invocation['values']): string[] {
  if (all === undefined && host === undefined && taking === undefined)
    throw new UsageError('expected ids of workers, or --all, --host <name>, --taking <queue>');
  if (all !== undefined && (host !== undefined || taking !== undefined)) throw new UsageError('expected --all or conditions, got both');
  const matches = ({ name, state, queues }: Worker) =>
    state === 'running' &&
    (host === undefined || name.slice(0, name.lastIndexOf(':')) === host) &&
    (taking === undefined || queues.length === 0 || queues.includes(String(taking)));
  const ids = workers.filter(matches).map(({ id }) => String(id));
  if (ids.length === 0) throw new UsageError('expected at least one running worker that matches, got none; longhaul workers lists them');
  return ids;
}

interface Asked {
  done: Map<number, Queues>;
  refused: { id: string; detail: string }[];
}

async function askEach(ids: readonly string[], body: object, gateway: Gateway, signal: AbortSignal): Promise<Asked> {
  const asked: Asked = { done: new Map(), refused: [] };
  for (const id of ids) {
    try {
      const worker = await ask<Queues>(gateway, 'PUT', `/workers/${encodeURIComponent(id)}/queues`, { body, signal });
      asked.done.set(worker.id, worker);
    } catch (error) {
      // A fault of the queues is one for every worker; what forbids it to this one may not forbid it to the next.
      if (ids.length === 1 || !(error instanceof ProblemError) || ![404, 409].includes(error.status)) throw error;
      asked.refused.push({ id, detail: [error.detail, ...error.errors.map(({ pointer, detail }) => `${pointer} ${detail}`)].join('; ') });
    }
  }
  return asked;
}

function sentenceOf(worker: Queues): string {
  const { id, name, assigned } = worker;
  const wanted = queuesText(wantedQueues(worker));
  const as = assigned ? 'until its process ends' : 'as its WORKER_QUEUES says';
  return `worker ${id} (${name}) ${takesWanted(worker) ? 'takes' : 'is to take'} ${wanted}, ${as}`;
}

/** Queues that somebody was to take from before, and nobody is now. */
function deserted(before: readonly Worker[], after: readonly Worker[]): string[] {
  const wanted = (workers: readonly Worker[]) => workers.filter(({ state }) => state === 'running').map(wantedQueues);
  const now = wanted(after);
  if (now.some((queues) => queues.length === 0)) return [];
  return [...new Set(wanted(before).flat())].filter((queue) => !now.flat().includes(queue)).sort();
}
