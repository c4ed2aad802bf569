import { type JobMessage, type NotifyChannels, SubmitJob } from '@app/core';
import { classifyError, type Joined, type SqlExecutor } from '@app/postgres';
import { type HandlerRegistry, Jobs } from '@app/sdk';
import type { EntityManager } from 'typeorm';
import type { Store } from './store.js';

const MAX_BATCH = 128;
const PATIENCE_MS = 5_000;

export interface WithinParts {
  store: Store;
  kinds: HandlerRegistry;
  channels: NotifyChannels;
  /** Called with the wake-up of committed jobs that may run now. Leave it out where this process does not publish: the relay of another process then publishes it. */
  committed?: (wakeUp: JobMessage) => void;
  /** Called when committed jobs wait for their turn in the waiting room. */
  waiting?: (limited: boolean) => void;
  /** Called when a `job.transaction` that submitted jobs has committed. The jobs then wait in the outbox. */
  joinedCommitted?: () => void;
}

/** `Jobs` for handlers and for a host application. Their jobs belong to work that was accepted before, so they are always admitted. */
export function jobsWithin(parts: WithinParts): Jobs {
  return new Jobs(submitWithin(parts));
}

export function submitWithin({
  store,
  kinds,
  channels,
  committed = () => undefined,
  waiting,
  joinedCommitted = () => undefined,
}: WithinParts): SubmitJob<Joined> {
  const join = (transaction: Joined): Joined => {
    if (!isOurs(transaction, store)) return foreign(transaction);
    store.transactions.afterCommit(transaction, joinedCommitted);
    return transaction;
  };
  return new SubmitJob<Joined>({
    kinds,
    queues: store.queues,
    store: { submit: (jobs, transaction, revision) => store.submissions.submit(jobs, transaction && join(transaction), revision) },
    limits: store.knownLimits,
    committed,
    backlogs: store.backlogs,
    ...(waiting && { waiting }),
    wakeUpSize: store.wakeUpSize,
    classify: classifyError,
    channels,
    time: store.time,
    maxBatch: MAX_BATCH,
    replays: store.submissions,
    patienceMs: PATIENCE_MS,
  });
}

function isOurs(transaction: Joined, { dataSource }: Store): transaction is EntityManager {
  return 'queryRunner' in transaction && transaction.dataSource === dataSource;
}

/** Runs Longhaul's statements on a connection of another DataSource, without preparing them, because the connection may belong to a pooler. */
function foreign(transaction: Joined): SqlExecutor {
  return { query: (text, values) => transaction.query<unknown>(text, values) };
}
