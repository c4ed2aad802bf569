import { type Fault, isIntegerIn, type Kinds, KINDS_TOLD, type ListedWorker, nearest, type PauseNote, QUEUE_PATTERN, Refusal } from '@app/core';
import { bodyFields } from '../http/body-fields.js';
import { noteFaults, toNote } from '../http/pause-note.js';

export interface Assignment {
  /** Null: those of the worker's configuration again. */
  queues: string[] | null;
  note: PauseNote;
}

const SHOWN = 100;

/** Reads a body of `PUT /workers/{id}/queues`. Refuses with a pointer for each fault. */
export function readAssignment(body: unknown, maxQueues: number): Assignment {
  const { queues, ...note } = bodyFields(body, ['queues', 'reason', 'by']);
  const faults = [...listFaults(queues, maxQueues), ...noteFaults(note)];
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the assignment of queues is not valid', faults);
  return { queues: queues as string[] | null, note: toNote(note) };
}

function listFaults(queues: unknown, most: number): Fault[] {
  if (queues === null) return [];
  if (!Array.isArray(queues) || !isIntegerIn(queues.length, 1, most)) {
    const got = Array.isArray(queues) ? `${queues.length} of them` : shown(queues);
    const end = Array.isArray(queues) && queues.length === 0 ? '; POST /workers/{id}/drain lets a worker end, POST /queues/{name}/pause stops a queue' : '';
    return [{ pointer: '/queues', detail: `must be a list of 1 to ${most} names of queues, or null for those of its WORKER_QUEUES again; got ${got}${end}` }];
  }
  return queues.flatMap((queue: unknown, place): Fault[] => {
    const pointer = `/queues/${place}`;
    if (typeof queue !== 'string' || !QUEUE_PATTERN.test(queue))
      return [{ pointer, detail: `must match ${QUEUE_PATTERN.source}, got ${shown(queue)}${slotsHint(queue)}` }];
    const first = queues.indexOf(queue);
    return first === place ? [] : [{ pointer, detail: `must be there once, got ${shown(queue)} at /queues/${first} too` }];
  });
}

/** Whoever gives a queue a number of slots should hear that there is none. */
function slotsHint(queue: unknown): string {
  return typeof queue === 'string' && /:\d+$/.test(queue) ? '; a worker has WORKER_CONCURRENCY slots of each queue, and none of its own for one' : '';
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, SHOWN);
}

/** Refuses queues that nobody has declared. */
export function requireDeclared(queues: readonly string[], declared: readonly string[]): void {
  const faults = queues.flatMap((queue, place): Fault[] => {
    if (declared.includes(queue)) return [];
    const near = nearest(queue, declared);
    const hint = near ? `did you mean "${near}"?` : 'GET /queues lists the declared ones, PUT /queues/{name} declares one';
    return [{ pointer: `/queues/${place}`, detail: `must be a declared queue, got ${shown(queue)}; ${hint}` }];
  });
  if (faults.length > 0) throw new Refusal('unknown_queue', 'a queue of the assignment is not declared', faults);
}

/** Refuses queues whose jobs, by the kinds that this gateway knows, this worker would have to put off: of a kind that it does not know, or that takes more slots than it has. */
export function requireAble({ id, concurrency, details }: ListedWorker, queues: readonly string[], kinds: Pick<Kinds, 'names' | 'policy'>): void {
  const told = details?.kinds ?? [];
  const faults = kinds.names().flatMap((kind): Fault[] => {
    const policy = kinds.policy(kind);
    const place = policy ? queues.indexOf(policy.queue) : -1;
    if (!policy || place < 0) return [];
    const pointer = `/queues/${place}`;
    if (told.length < KINDS_TOLD && !told.includes(kind)) return [{ pointer, detail: `has jobs of kind ${kind}, which worker ${id} does not know` }];
    return policy.slots <= concurrency
      ? []
      : [{ pointer, detail: `has jobs of kind ${kind}, which take ${policy.slots} slots, and worker ${id} has ${concurrency}` }];
  });
  if (faults.length > 0) throw new Refusal('state_forbids', `worker ${id} cannot run the jobs of a queue of the assignment`, faults);
}

/** Refuses a worker that would not obey. */
export function requireObedient({ id, late, drain, details }: ListedWorker): void {
  if (late) throw new Refusal('state_forbids', `worker ${id} is late: it has not renewed its lease, and an assignment would end with it`);
  if (drain) throw new Refusal('state_forbids', `worker ${id} drains, and takes from no queue any more`);
  if (!details?.queues) {
    const version = details ? ` (${details.version})` : '';
    throw new Refusal('state_forbids', `worker ${id} is of a version${version} that cannot be assigned queues; set its WORKER_QUEUES, and start it again`);
  }
}
