import { putLimit, removeLimit } from '../simulation/store/limits.js';
import { DirectSession } from '../simulation/store/session.js';
import { simAttempts, simControl, simOutbox, simRoom, simSubmissions, simWorkers } from '../simulation/store/sim-stores.js';
import { type JobRow, Tables } from '../simulation/store/tables.js';
import { FAST_PATH_SECONDS, type StoreWorld } from './store-world.js';

/** The store of the simulation, without faults and without delays. */
export async function simulatedWorld(): Promise<StoreWorld> {
  let now = 0;
  const tables = new Tables(() => now);
  const db = new DirectSession(tables);
  return {
    attempts: simAttempts(db),
    submissions: simSubmissions(db, { keySeconds: 3_600, fastPathSeconds: FAST_PATH_SECONDS }),
    outbox: simOutbox(db),
    workers: simWorkers(db),
    control: simControl(db),
    room: simRoom(db),
    limits: { put: async (name, jobs) => putLimit(tables, name, jobs), remove: async (name) => removeLimit(tables, name) },
    holdLock: async (workerId, held) => {
      if (held) tables.presence.add(workerId);
      else tables.presence.delete(workerId);
    },
    elapse: async (seconds) => void (now += seconds * 1_000),
    row: async (jobId) => {
      const { job, fence, crashes, token } = tables.jobs.get(jobId) as JobRow;
      const outbox = [...tables.outbox.values()].filter((row) => row.jobIds.includes(jobId)).map(({ type }) => type);
      const deadLetters = [...tables.deadLetters.values()].filter((letter) => letter.jobId === jobId).length;
      const { state, attempt, redrives, events } = job;
      const at = tables.room.get(jobId);
      const place = at ? (at.parkedOn ?? 'ready') : null;
      const slots = [...(tables.slots.get(jobId) ?? [])].sort();
      return { state, attempt, fence, crashes, redrives, events, token, outbox: outbox.sort(), deadLetters, place, slots };
    },
    close: async () => undefined,
  };
}
