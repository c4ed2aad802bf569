import { type AttemptStore, type ClaimedJob, decideDelivery, type Handlers, type Metrics, type StartCounter, type Tallies, type WorkerId } from '@app/core';

/**
 * Measures a store of attempts. It wraps the port, so that the runner does not contain any measuring. The result inherits from the store itself:
 * all other members are the store's own, also those that are added later.
 */
export function measuredAttempts<Transaction>(
  store: AttemptStore<Transaction>,
  metrics: Metrics,
  starts?: Pick<StartCounter, 'count'>,
  tallies?: Pick<Tallies, 'started'>,
): AttemptStore<Transaction> {
  const waited = (job: ClaimedJob | null) => {
    if (job?.waitedSeconds === undefined) return;
    metrics.observe('queue_wait_seconds', job.waitedSeconds, { kind: job.kind });
    starts?.count(job.queue);
    tallies?.started(job.queue, job.kind, job.waitedSeconds * 1_000);
  };
  const taken = (jobs: ClaimedJob[]): ClaimedJob[] => {
    if (jobs.length > 0) metrics.observe('claim_batch_size', jobs.length);
    jobs.forEach(waited);
    return jobs;
  };
  const measured: Pick<AttemptStore<Transaction>, 'claim' | 'claimDue' | 'claimOldest' | 'claimSuspect' | 'settle' | 'defer'> = {
    async claim(workerId, requests) {
      metrics.observe('claim_batch_size', requests.length);
      const answers = await store.claim(workerId, requests);
      for (const [index, answer] of answers.entries()) {
        waited(answer.claimed);
        const request = requests[index];
        if (request) metrics.count('delivery_decisions_total', { decision: answer.claimed ? 'claimed' : decisionOf(workerId, request, answer.facts) });
      }
      return answers;
    },
    claimDue: async (...args) => taken(await store.claimDue(...args)),
    claimOldest: async (...args) => taken(await store.claimOldest(...args)),
    async claimSuspect(...args) {
      const job = await store.claimSuspect(...args);
      waited(job);
      return job;
    },
    async settle(settlements, transaction) {
      metrics.observe('settle_batch_size', settlements.length);
      const answers = await store.settle(settlements, transaction);
      for (const [index, answer] of answers.entries()) {
        const kind = answer.settled ? answer.job.kind : '';
        metrics.count('attempts_settled_total', { kind, outcome: answer.settled ? (settlements[index]?.event ?? '') : 'fenced' });
      }
      return answers;
    },
    async defer(...args) {
      metrics.count('delivery_decisions_total', { decision: 'defer' });
      return store.defer(...args);
    },
  };
  return Object.assign(Object.create(store) as AttemptStore<Transaction>, measured);
}

function decisionOf(workerId: WorkerId, request: Parameters<AttemptStore['claim']>[1][number], facts: Parameters<typeof decideDelivery>[1]): string {
  return decideDelivery({ ...request, workerId }, facts).action;
}

export function measuredHandlers<Transaction>(
  handlers: Handlers<Transaction>,
  metrics: Metrics,
  ran: (kind: string, ms: number) => void,
): Handlers<Transaction> {
  const measured: Pick<Handlers<Transaction>, 'run'> = {
    async run(kind, payload, context) {
      const start = performance.now();
      let outcome = 'threw';
      try {
        const result = await handlers.run(kind, payload, context);
        outcome = 'returned';
        return result;
      } finally {
        const ms = performance.now() - start;
        metrics.observe('attempt_duration_seconds', ms / 1_000, { kind, outcome });
        ran(kind, ms);
      }
    },
  };
  return Object.assign(Object.create(handlers) as Handlers<Transaction>, measured);
}
