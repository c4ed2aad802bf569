import { Admission, type Logger, type Metrics, PruneFinished, type SubmissionStore, SubmitJob, systemClock } from '@app/core';
import { AcceptedJobs, Channels, CONFIG, EventLoopDelay, LOGGER, METRICS, RedriveLetter, Store } from '@app/host';
import { classifyError } from '@app/postgres';
import { HandlerRegistry } from '@app/sdk';
import { StoredFiles } from '@app/storage';
import { Inject, Injectable, type Provider } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { GatewayConfig } from '../gateway.config.js';
import { BodyBudget } from '../http/body-budget.js';

const MAX_BATCH = 128;
const SAMPLE_MS = 1_000;

// The core does not know Nest. Each class here extends one of the core's with a constructor that Nest can call.

/** Decides by the load of the store and of this process whether more jobs may be accepted. */
@Injectable()
export class WiredAdmission extends Admission {
  constructor(store: Store, bodies: BodyBudget, @Inject(CONFIG) config: GatewayConfig, @Inject(LOGGER) logger: Logger) {
    const loop = new EventLoopDelay();
    super({
      limits: config.admission.limits,
      load: store.load,
      local: () => ({ bodyBytes: bodies.bytes, poolWaiting: store.poolWaiting(), eventLoopDelayMs: loop.ms }),
      clock: systemClock,
      logger,
      sampleMs: SAMPLE_MS,
    });
  }
}

/** Accepts submissions over HTTP and over AMQP. */
@Injectable()
export class WiredSubmitJob extends SubmitJob<EntityManager> {
  constructor(
    store: Store,
    kinds: HandlerRegistry,
    admission: Admission,
    accepted: AcceptedJobs,
    channels: Channels,
    @Inject(CONFIG) config: GatewayConfig,
    @Inject(METRICS) metrics: Metrics,
  ) {
    super({
      kinds,
      queues: store.queues,
      store: measured(store.submissions, metrics),
      committed: (wakeUp) => accepted.accepted(wakeUp),
      backlogs: store.backlogs,
      waiting: (limited) => accepted.waiting(limited),
      limits: store.knownLimits,
      wakeUpSize: store.wakeUpSize,
      classify: classifyError,
      channels: channels.byName,
      time: store.time,
      maxBatch: MAX_BATCH,
      admission,
      quotas: store.reservations,
      replays: store.submissions,
      patienceMs: config.admission.patienceMs,
    });
  }
}

function measured(submissions: SubmissionStore<EntityManager>, metrics: Metrics): SubmissionStore<EntityManager> {
  return {
    submit: (jobs, transaction, revision) => {
      metrics.observe('submit_batch_size', jobs.length);
      return submissions.submit(jobs, transaction, revision);
    },
  };
}

/** Removes data whose retention time is over, with files. What older versions have stored of dead letters gets its group in the same batches. */
@Injectable()
export class WiredPruneFinished extends PruneFinished {
  constructor(store: Store, files: StoredFiles, @Inject(CONFIG) config: GatewayConfig, @Inject(LOGGER) logger: Logger) {
    super({
      store: {
        prune: async (limits, limit) => {
          const { removed, more } = await store.retention.prune(limits, limit);
          const others = (await files.prune(config.fileSeconds, limit)) + (await store.deadLetters.groupOlder(limit));
          return { removed: removed + others, more: more || others >= limit };
        },
      },
      clock: systemClock,
      logger,
      limits: config.retention,
      config: { everyMs: 30_000, restMs: 100, batch: 1_000 },
    });
  }
}

/** Puts dead letters and failed jobs back. */
@Injectable()
export class WiredRedriveLetter extends RedriveLetter {
  constructor(store: Store, kinds: HandlerRegistry, submitJob: SubmitJob, @Inject(CONFIG) config: GatewayConfig) {
    super({ store, kinds, submitJob, config });
  }
}

export const coreProviders: Provider[] = [
  { provide: Admission, useClass: WiredAdmission },
  { provide: SubmitJob, useClass: WiredSubmitJob },
  { provide: PruneFinished, useClass: WiredPruneFinished },
  { provide: RedriveLetter, useClass: WiredRedriveLetter },
];
