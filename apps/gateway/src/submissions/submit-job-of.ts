import { Admission, type Metrics, type NewJob, SubmitJob, type SubmissionStore, systemClock } from '@app/core';
import { EventLoopDelay } from '@app/host';
import { checkTelling } from '@app/notifications';
import { classifyError } from '@app/postgres';
import type { HandlerRegistry } from '@app/sdk';
import type { EntityManager } from 'typeorm';
import type { GatewayParts } from '../gateway-parts.js';
import type { BodyBudget } from '../http/body-budget.js';

const MAX_BATCH = 128;
const SAMPLE_MS = 1_000;

/** Whether more may be accepted, by what the store and this process have to do. */
export function admissionOf({ config, logger, store }: GatewayParts, bodies: BodyBudget): Admission {
  const loop = new EventLoopDelay();
  return new Admission({
    limits: config.admission.limits,
    load: store.load,
    local: () => ({ bodyBytes: bodies.bytes, poolWaiting: store.poolWaiting(), eventLoopDelayMs: loop.ms }),
    clock: systemClock,
    logger,
    sampleMs: SAMPLE_MS,
  });
}

function measured(submissions: SubmissionStore<EntityManager>, metrics: Metrics): SubmissionStore<EntityManager> {
  return {
    submit: (jobs, transaction) => {
      metrics.observe('submit_batch_size', jobs.length);
      return submissions.submit(jobs, transaction);
    },
  };
}

/** The one way in, of both doors. */
export function submitJobOf(
  { config, store, metrics, notifications }: GatewayParts,
  registry: HandlerRegistry,
  gate: Admission,
  committed: (job: NewJob) => void,
): SubmitJob<EntityManager> {
  return new SubmitJob({
    kinds: registry,
    queues: store.queues,
    store: measured(store.submissions, metrics),
    committed,
    classify: classifyError,
    checkTelling: (options) => checkTelling(options, notifications),
    time: store.time,
    maxBatch: MAX_BATCH,
    admission: gate,
    replays: store.submissions,
    patienceMs: config.admission.patienceMs,
  });
}
