import type { JobId, Outbox, Publisher, SubmissionStore, WakeUp } from '@app/core';
import type { Defect } from './defects.js';
import type { SimTransaction } from './store/session.js';
import type { SimAttempts } from './store/sim-stores.js';

type Defects = ReadonlySet<Defect>;

/** The attempts port with the defects that lie in how the core would use it. */
export function flawedAttempts(store: SimAttempts, defects: Defects, accept: (jobId: JobId) => void): SimAttempts {
  const flawed = { ...store };
  if (defects.has('the delivery is accepted before the settlement commits')) {
    flawed.settle = (settlements, transaction) => {
      for (const { jobId } of settlements) accept(jobId);
      return store.settle(settlements, transaction);
    };
  }
  if (defects.has('a take-over does not look whether the owner lives')) {
    flawed.claim = async (workerId, requests) =>
      (await store.claim(workerId, requests)).map((answer) =>
        answer.claimed || !answer.facts ? answer : { ...answer, facts: { ...answer.facts, ownerAlive: false } },
      );
  }
  if (defects.has('a copy that comes back takes nothing over')) {
    flawed.claim = async (workerId, requests) =>
      (await store.claim(workerId, requests)).map((answer) =>
        answer.claimed || !answer.facts ? answer : { ...answer, facts: { ...answer.facts, ownerAlive: true, workerId: null } },
      );
  }
  if (defects.has('a finished job that comes back is not announced again')) {
    flawed.find = async () => null;
  }
  if (defects.has('a job that waits for a slot is dropped instead of put back')) {
    flawed.putBack = async (jobIds) => jobIds;
  }
  return flawed;
}

/** A message that is accepted the moment it comes, while its holder believes to hold it. */
export function flawedMessage(message: WakeUp, defects: Defects): WakeUp {
  if (!defects.has('the delivery is accepted before the claim')) return message;
  const { jobIds, publishId, kind, queue } = message;
  message.accept();
  let open = true;
  const settle = () => void (open = false);
  return { jobIds, publishId, kind, queue, accept: settle, reject: settle, release: settle, get open() { return open; } }; // prettier-ignore
}

export function flawedPublisher(publisher: Publisher, outbox: Outbox, defects: Defects): Publisher {
  if (!defects.has('the outbox row is deleted before the confirm')) return publisher;
  return {
    get ready() {
      return publisher.ready;
    },
    publish: async (message) => {
      if (message.outboxId !== null) await outbox.remove([message.outboxId]);
      await publisher.publish(message);
    },
    publishEvents: async (events) => {
      const stored = events.flatMap(({ outboxId }) => outboxId ?? []);
      if (stored.length > 0) await outbox.remove(stored);
      return publisher.publishEvents(events);
    },
  };
}

export function flawedSubmissions(store: SubmissionStore<SimTransaction>, now: () => number, defects: Defects): SubmissionStore<SimTransaction> {
  if (!defects.has('a job is accepted before its commit')) return store;
  return {
    submit: async (jobs) => {
      void store.submit(jobs).catch(() => undefined);
      return jobs.map(() => ({ status: 'created', state: 'queued', createdAt: new Date(now()), runAt: null }));
    },
  };
}

/** A message of several jobs, whose parts dispose of the whole. */
export function splitDefects(message: WakeUp, defects: Defects): WakeUp[] {
  const early = defects.has('a message is accepted when one of its jobs has ended');
  const rejects = defects.has('a failed job takes the others of its message to the dead letters');
  if (!early && !rejects) return [message];
  const { publishId, kind, queue, jobIds } = message;
  let left = jobIds.length;
  const end = () => {
    if (--left === 0 || early) message.accept();
  };
  return jobIds.map((id) => ({
    ...{ jobIds: [id], publishId, kind, queue },
    get open() {
      return message.open;
    },
    accept: end,
    reject: rejects ? () => message.reject() : end,
    release: () => message.release(),
  }));
}
