import type { Delivery, JobId, Outbox, Publisher, SubmissionStore } from '@app/core';
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
  return flawed;
}

/** A delivery that is accepted the moment it comes, while its holder believes to hold it. */
export function flawedDelivery(delivery: Delivery, defects: Defects): Delivery {
  if (!defects.has('the delivery is accepted before the claim')) return delivery;
  const { jobId, publishId, kind, queue } = delivery;
  delivery.accept();
  let open = true;
  const settle = () => void (open = false);
  return { jobId, publishId, kind, queue, accept: settle, reject: settle, release: settle, get open() { return open; } }; // prettier-ignore
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
