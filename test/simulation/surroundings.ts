import type { Logger } from '@app/core';
import type { Mode } from '../support/modes.js';
import type { SimBroker } from './broker.js';
import type { Defect } from './defects.js';
import type { Ledger } from './ledger.js';
import type { Schedule } from './schedule.js';
import type { SimServer, SimSession } from './server.js';

/** What a process finds around it. */
export interface Surroundings {
  readonly schedule: Schedule;
  readonly server: SimServer;
  readonly broker: SimBroker;
  readonly ledger: Ledger;
  readonly defects: ReadonlySet<Defect>;
  /** Single-process: no broker, the processes run the jobs themselves. */
  readonly mode: Mode;
  readonly concurrency: number;
  /** Jobs are under limits. */
  readonly limited: boolean;
  /** Jobs wait for their turn, because of limits or because they are many; so processes look at the waiting room and release. */
  readonly turns: boolean;
  /** Jobs that wait are moved between the queues. */
  readonly moving: boolean;
  readonly queues: readonly string[];
  /** Only in a defect: how far everybody has read the outbox. */
  readonly cursor: { last: string } | undefined;
  runsSweeps(): boolean;
  idleTransactions(session: SimSession, until: number): void;
}

export const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => silent };

/** As in production, in the same proportions, but shorter, so that a schedule needs fewer steps. */
export const TIMES = {
  leaseSeconds: 6,
  beatMs: 1_500,
  syncMs: 2_000,
  inboxWaitMs: 1_000,
  severalWaitMs: 4_000,
  fastPathSeconds: 2,
  pass: { lookMs: 1_000, hurryMs: 200, fairMs: 100, retryMs: 50, hideSeconds: 12, most: 100 },
  relay: { sweepMs: 2_000, batch: 20, hideSeconds: 12, maxInFlight: 100 },
  sweeper: { sweepMs: 2_000, leaseSeconds: 6, lockFreeMs: 3_000, emptyAfterSeconds: 5, emptySweepMs: 4_000, lostAfterSeconds: 20, lostSweepMs: 10_000 },
  runner: { handoverMs: 4_000, graceMs: 1_000, parkMs: 500, parkLimitMs: 3_000, unknownKindDelayMs: 2_000, unknownKindGiveUpMs: 60_000 },
};
