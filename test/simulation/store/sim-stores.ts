import {
  type AttemptStore,
  type ClaimAnswer,
  decideDelivery,
  type FreedSlots,
  type JobControl,
  type LeaseToken,
  type Outbox,
  type Queues,
  type SettleAnswer,
  type SubmissionStore,
  type SubmitOutcome,
  type SweepStore,
  type Transactions,
  type WaitingRoom,
  type WorkerStore,
} from '@app/core';
import { awaitTurn, decide, lockRelease, lookAtRoom, release, wakeParked } from './limits.js';
import { claimDue, claimedBy, claimOldest, claimFacts, claimJobs, claimSuspect, takeOver } from './claims.js';
import { discardEvents, nextDueMs, putBack, takeOutbox } from './outbox.js';
import type { Defect } from '../defects.js';
import type { Session, SimTransaction } from './session.js';
import { announceLater, cancelJob, deferJob, exhaustJob, expireJobs, outcomeOf, redriveJob, saveStep, settledBefore, settleJobs } from './settle.js';
import { moveWaiting } from './move.js';
import { lookUpSubmitted, submitJobs } from './submit.js';
import {
  checkHeld,
  databaseUpSeconds,
  recoverOrphans,
  recoverStray,
  recoverWorker,
  registerWorker,
  renewLease,
  republishJob,
  republishLost,
  strays,
  suspects,
  writeEvents,
} from './workers.js';

export type SimAttempts = AttemptStore<SimTransaction>;

/** Told of what the core meets, so that a run of schedules can show that each rare thing was met. */
export type Sighting = (what: string) => void;

/** The ports over a session, statement by statement as the PostgreSQL adapters send them. */
export function simAttempts(db: Session, saw: Sighting = () => undefined): SimAttempts {
  return {
    claim: async (workerId, requests): Promise<ClaimAnswer[]> => {
      const claimed = await db.run('claim', (tables) => claimJobs(tables, workerId, requests));
      const refused = requests.filter(({ jobId }) => !claimed.has(jobId));
      const facts = refused.length > 0 ? await db.run('claim facts', (tables) => claimFacts(tables, refused.map(({ jobId }) => jobId))) : undefined; // prettier-ignore
      return requests.map((request) => {
        const job = claimed.get(request.jobId);
        if (job) return { claimed: job };
        const found = facts?.get(request.jobId) ?? null;
        const { action } = decideDelivery({ ...request, workerId }, found);
        saw(action === 'drop' && found?.state === 'running' ? 'a duplicate copy was dropped' : `decided: ${action}`);
        if (found?.state === 'queued' && request.queue !== undefined && found.queue !== request.queue)
          saw('a copy of the queue that a job has left was dropped');
        return { claimed: null, facts: found };
      });
    },
    claimOldest: (workerId, queues, limit, slots) => db.run('claim oldest', (tables) => claimOldest(tables, workerId, queues, limit, slots)),
    claimDue: (workerId, queues, limit, suspicious, slots) => db.run('claim due', (tables) => claimDue(tables, workerId, queues, limit, suspicious, slots)),
    claimSuspect: async (workerId, request) => {
      const job = await db.run('claim suspect', (tables) => claimSuspect(tables, workerId, request));
      if (job) saw('a suspect was claimed');
      return job;
    },
    takeOver: async (workerId, request, heldToken, crashed) => {
      const job = await db.run('take over', (tables) => takeOver(tables, workerId, request, heldToken, crashed));
      if (job) saw(crashed ? 'a job was taken over from a lost worker' : 'a claim whose answer was lost was taken over by its own worker');
      return job;
    },
    claimedBy: async (jobId, token) => {
      const job = await db.run('claimed by', (tables) => claimedBy(tables, jobId, token));
      if (job) saw('a claim whose answer was lost was recognised');
      return job;
    },
    expire: async (jobId, publishId) => (await db.run('expire', (tables) => expireJobs(tables, [jobId], publishId, false))).length > 0,
    exhaust: async (jobId, publishId, heldToken, error) => {
      const done = await db.run('exhaust', (tables) => exhaustJob(tables, jobId, publishId, heldToken, error));
      if (done) saw('a job without attempts left ended at its claim');
      return done;
    },
    defer: (jobId, delayMs, giveUpMs, error) => db.run('defer', (tables) => deferJob(tables, jobId, delayMs, giveUpMs, error)),
    // Nothing is ever paused here.
    holdBack: (jobIds) => db.run('hold back', (tables) => putBack(tables, jobIds, 1)),
    awaitTurn: (jobId, queue) => db.run('await turn', (tables) => awaitTurn(tables, jobId, queue)),
    putBack: (jobIds, size) => db.run('put back', (tables) => putBack(tables, jobIds, size)),
    settle: async (settlements, transaction): Promise<SettleAnswer[]> => {
      const freed: FreedSlots[] = [];
      const settled = await db.run('settle', (tables) => settleJobs(tables, settlements, transaction, (slots) => freed.push(slots)), transaction);
      if (freed.some(({ handedOn }) => handedOn.length > 0)) saw('a slot was handed on');
      const slots = freed.length > 0 ? { handedOn: freed.flatMap(({ handedOn }) => handedOn), roomFreed: freed.some(({ roomFreed }) => roomFreed) } : undefined;
      const missing = settlements.filter(({ jobId }) => !settled.has(jobId));
      if (missing.length > 0 && !transaction) {
        for (const [id, job] of await db.run('settled before', (tables) => settledBefore(tables, missing))) {
          saw('a settlement whose answer was lost was recognised');
          settled.set(id, job);
        }
      }
      return settlements.map(({ jobId }, index) => {
        const job = settled.get(jobId);
        if (!job) saw('a zombie was fenced');
        return { ...(job ? { settled: true, job } : { settled: false }), ...(slots && index === 0 ? { slots } : {}) };
      });
    },
    find: (jobId) => db.run('find', (tables) => copy(tables.jobs.get(jobId)?.job)),
    outcomeOf: async (jobId, token) => {
      const outcome = await db.run('outcome of', (tables) => outcomeOf(tables, jobId, token));
      saw(`a lost commit of a handler's transaction was looked up: ${outcome}`);
      return outcome;
    },
    announceLater: (jobId) => db.run('announce later', (tables) => announceLater(tables, jobId)),
    holds: (transaction, jobId, token) => db.run('holds', (tables) => outcomeOf(tables, jobId, token) === 'running', transaction),
    readStep: (jobId, token, name) =>
      db.run('read step', (tables) => ({ held: outcomeOf(tables, jobId, token) === 'running', result: tables.steps.get(`${jobId} ${name}`) ?? null })),
    saveStep: (jobId, token, name, result) => db.run('save step', (tables) => saveStep(tables, jobId, token, name, result)),
  };
}

export function simTransactions(db: Session, defects: ReadonlySet<Defect> = new Set()): Transactions<SimTransaction> {
  const blind = defects.has('a transaction that the database has lost costs an attempt');
  return {
    begin: async () => {
      const transaction = await db.begin();
      return {
        transaction,
        nested: (work) => work(),
        commit: () => db.commit(transaction),
        rollback: () => db.rollback(transaction),
        fault: () => (transaction.lost && !blind ? new Error('the connection was lost') : undefined),
      };
    },
  };
}

export function simSubmissions(db: Session, config: { keySeconds: number; fastPathSeconds: number }): SubmissionStore<SimTransaction> {
  return {
    submit: async (jobs, _transaction, revision): Promise<SubmitOutcome[]> => {
      const stored = await db.run('submit', (tables) => submitJobs(tables, jobs, config.keySeconds, config.fastPathSeconds, revision));
      const missing = jobs.filter((job) => !stored.has(job.id));
      const others = missing.length > 0 ? await db.run('look up submitted', (tables) => lookUpSubmitted(tables, missing)) : undefined;
      return jobs.map((job) => stored.get(job.id) ?? (others?.get(job.id) as SubmitOutcome));
    },
  };
}

export function simOutbox(db: Session, cursor?: { last: string }, defects: ReadonlySet<Defect> = new Set(), saw: Sighting = () => undefined): Outbox {
  const all = defects.has('what is due goes to the broker whatever it may get');
  const remove = (ids: string[]) => db.run('outbox remove', (tables) => ids.forEach((id) => tables.removeOutbox(id)));
  return {
    take: async (limit, hideSeconds, allowance) => {
      const taken = await db.run('outbox take', (tables) => takeOutbox(tables, limit, hideSeconds, cursor, all ? undefined : allowance));
      const pointless = taken.flatMap(({ outboxId, message }) => (message ? [] : [outboxId]));
      if (pointless.length > 0) await remove(pointless);
      if (taken.some(({ message }) => message === 'kept')) saw('a job that was handed on ran on past the time of its row');
      return taken.flatMap(({ message }) => (message === 'kept' ? [] : (message ?? [])));
    },
    remove,
    discardEvents: () => db.run('outbox discard events', discardEvents),
    nextDueMs: () => db.run('outbox next due', nextDueMs),
  };
}

export function simRoom(db: Session, saw: Sighting = () => undefined): WaitingRoom {
  return {
    look: () =>
      db.run('look at room', (tables) => {
        wakeParked(tables);
        return lookAtRoom(tables);
      }),
    release: async (wanted, hideSeconds) => {
      const transaction = await db.begin();
      try {
        if (!(await db.run('lock release', (tables) => lockRelease(tables, transaction), transaction))) {
          saw('another process released');
          await db.rollback(transaction);
          return null;
        }
        const decided = await db.run('candidates', (tables) => decide(tables, wanted, transaction), transaction);
        const messages = await db.run('release', (tables) => release(tables, decided, hideSeconds, transaction), transaction);
        if (decided.parked.length > 0) saw('a job was parked on its limit');
        await db.commit(transaction);
        return messages;
      } catch (error) {
        await db.rollback(transaction);
        throw error;
      }
    },
  };
}

export function simWorkers(db: Session): WorkerStore & SweepStore {
  return {
    register: ({ name }, leaseSeconds) => db.run('register', (tables) => registerWorker(tables, name, leaseSeconds)),
    heartbeat: async (workerId, worker, { leaseSeconds, held, events }) => {
      const assigned = await db.run('renew', (tables) => {
        renewLease(tables, workerId, worker, leaseSeconds);
        return tables.workers.get(workerId)?.assigned;
      });
      const told = assigned ? { assigned } : {};
      const notWritten = events.length > 0 ? await db.run('events', (tables) => writeEvents(tables, events)) : [];
      if (held.length === 0) return { lost: [], cancelRequested: [], notWritten, ...told };
      return { ...(await db.run('check held', (tables) => checkHeld(tables, held))), notWritten, ...told };
    },
    check: (held) => db.run('check held', (tables) => checkHeld(tables, held)),
    strays: (workerId, tokens: LeaseToken[]) => db.run('strays', (tables) => strays(tables, workerId, tokens)),
    recoverStray: (jobId, token) => db.run('recover stray', (tables) => recoverStray(tables, jobId, token)),
    unregister: (workerId) => db.run('unregister', (tables) => void tables.workers.delete(workerId)),
    suspects: async (me) => {
      const found = await db.run('suspects', (tables) => suspects(tables, me));
      return { suspects: found, databaseUpSeconds: await db.run('database up', databaseUpSeconds) };
    },
    recover: (workerId) => db.run('recover', (tables) => recoverWorker(tables, workerId)),
    expireLate: async () => (await db.run('expire late', (tables) => expireJobs(tables, tables.jobs.keys(), null, true))).length,
    recoverOrphans: () => db.run('recover orphans', recoverOrphans),
    republish: (jobId) => db.run('republish', (tables) => republishJob(tables, jobId)),
    republishLost: (queue, empty, seconds) => db.run('republish lost', (tables) => republishLost(tables, queue, empty, seconds)),
  };
}

export function simQueues(db: Session): Queues {
  return {
    all: () => db.run('queues', (tables) => [...tables.queues].map(([name, paused]) => ({ name, paused }))),
    ensure: (names) =>
      db.run('queues ensure', (tables) => {
        for (const name of names) if (!tables.queues.has(name)) tables.queues.set(name, false);
      }),
  };
}

export function simControl(db: Session, saw: Sighting = () => undefined): JobControl & { move(toQueue: string): Promise<void> } {
  return {
    cancel: (id) => db.run('cancel', (tables) => cancelJob(tables, id)),
    redrive: (id) => db.run('redrive', (tables) => redriveJob(tables, id)),
    move: async (toQueue) => {
      if ((await db.run('move', (tables) => moveWaiting(tables, toQueue))) > 0) saw('a job that waits was moved');
    },
  };
}

function copy<Value extends object>(value: Value | undefined): Value | null {
  return value ? { ...value } : null;
}
