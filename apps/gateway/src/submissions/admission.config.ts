import type { AdmissionLimits } from '@app/core';
import type { Environment, RuntimeConfig } from '@app/host';

export interface AdmissionConfig {
  limits: AdmissionLimits;
  /** How long a submission may wait for the database, in milliseconds. */
  patienceMs: number;
  /** The limit of the bodies of one client, in bytes. */
  bodyBytesOfClient: number;
  /** How long a body may take to arrive, in milliseconds. */
  bodyMs: number;
}

const MILLION = 1_000_000;
const GIB = 1024 ** 3;

/** The limits above which jobs are refused; 0 switches a limit off. In single-process mode the outbox is the queue itself, so its limits are off. */
export function admissionConfig(env: Environment, broker: RuntimeConfig['broker']): AdmissionConfig {
  return {
    limits: {
      inFlight: env.integer('ADMISSION_IN_FLIGHT', 0, MILLION, 5_000),
      bodyBytes: env.integer('ADMISSION_BODY_BYTES', 0, 16 * GIB, 64 * 1024 ** 2),
      poolWaiting: env.integer('ADMISSION_POOL_WAITING', 0, MILLION, 1_000),
      eventLoopDelayMs: env.integer('ADMISSION_EVENT_LOOP_MS', 0, 60_000, 1_000),
      depth: env.integer('ADMISSION_DEPTH', 0, MILLION, MILLION),
      queueDepth: env.integer('ADMISSION_QUEUE_DEPTH', 0, MILLION, MILLION / 2),
      outboxRows: broker === 'none' ? 0 : env.integer('ADMISSION_OUTBOX_ROWS', 0, MILLION, MILLION),
      outboxAgeSeconds: broker === 'none' ? 0 : env.integer('ADMISSION_OUTBOX_SECONDS', 0, 30 * 86_400, 6 * 3_600),
    },
    bodyBytesOfClient: env.integer('MAX_BODY_BYTES_PER_CLIENT', 0, 16 * GIB, 48 * 1024 ** 2),
    patienceMs: env.integer('ADMISSION_WAIT_MS', 100, 600_000, 5_000),
    bodyMs: env.integer('BODY_SECONDS', 1, 3_600, 30) * 1_000,
  };
}
