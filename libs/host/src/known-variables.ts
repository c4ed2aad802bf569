import { editDistance, type Logger, nearest } from '@app/core';

/** All that gateway and worker read; docs/reference/configuration.md says what each does. */
export const KNOWN_VARIABLES: readonly string[] = [
  'ADMISSION_BODY_BYTES',
  'ADMISSION_DEPTH',
  'ADMISSION_EVENT_LOOP_MS',
  'ADMISSION_IN_FLIGHT',
  'ADMISSION_OUTBOX_ROWS',
  'ADMISSION_OUTBOX_SECONDS',
  'ADMISSION_POOL_WAITING',
  'ADMISSION_QUEUE_DEPTH',
  'ADMISSION_WAIT_MS',
  'ALLOWED_HOSTS',
  'AMQP_URL',
  'BODY_SECONDS',
  'CORS_ORIGINS',
  'DATABASE_POOL',
  'DATABASE_URL',
  'DRAIN_SECONDS',
  'EMAIL_ALLOW_DOMAINS',
  'EMAIL_ERROR_TEXT',
  'EMAIL_FROM',
  'EMAIL_PER_HOUR',
  'EMAIL_TEMPLATES',
  'EVENT_HEARTBEAT_SECONDS',
  'EVENT_STALL_SECONDS',
  'EVENT_STREAMS',
  'EVENT_SUBSCRIPTIONS',
  'FANOUT_ALLOW_HOSTS',
  'FANOUT_ALLOW_PRIVATE',
  'FILES_DIR',
  'FILES_MAX_BYTES',
  'FILES_MIN_FREE_BYTES',
  'FILES_QUOTA_BYTES',
  'FILES_S3_BUCKET',
  'FILES_S3_ENDPOINT',
  'FILES_S3_REGION',
  'HANDOVER_SECONDS',
  'HOST',
  'IDEMPOTENCY_SECONDS',
  'LEASE_SECONDS',
  'LOG_LEVEL',
  'LONGHAUL_BROKER',
  'LONGHAUL_CONFIG',
  'LONGHAUL_DEBUG_KINDS',
  'LONGHAUL_ENV_FILE',
  'LONGHAUL_SCHEMA',
  'LONGHAUL_SECRET_KEYS',
  'MAX_BODY_BYTES',
  'MAX_BODY_BYTES_PER_CLIENT',
  'MAX_CONNECTIONS_PER_CLIENT',
  'MAX_JSON_MEMBERS',
  'MAX_CRASHES',
  'MAX_QUEUES',
  'MAX_STREAMS_PER_CLIENT',
  'MAX_UPLOADS',
  'MAX_UPLOADS_PER_CLIENT',
  'MAX_WAITS',
  'MAX_WAITS_PER_CLIENT',
  'MAX_WEBHOOK_ENDPOINTS',
  'NODE_ENV',
  'PORT',
  'PUBLIC_URL',
  'QUEUES',
  'READ_POOL',
  'READ_TIMEOUT_MS',
  'REPLY_QUEUES',
  'RESULT_MAX_BYTES',
  'RETENTION_FAILED_HOURS',
  'RETENTION_FILES_HOURS',
  'RETENTION_HOURS',
  'RETENTION_LETTERS_HOURS',
  'SMTP_URL',
  'SOCKET_FRAMES_PER_SECOND',
  'WEBHOOK_ALLOW_HOSTS',
  'WEBHOOK_ALLOW_PRIVATE',
  'WEBHOOK_REQUIRE_HTTPS',
  'WEBHOOK_SCHEDULE',
  'WEBHOOK_SECRET',
  'WEBHOOK_TIMEOUT_SECONDS',
  'WEB_CONCURRENCY',
  'WORKER_CONCURRENCY',
  'WORKER_PORT',
  'WORKER_QUEUES',
];

/** Names that begin so are Longhaul's, or meant to be. */
const OURS = /^(LONGHAUL|WORKER|ADMISSION|RETENTION|WEBHOOK|EMAIL|EVENT|FILES|FANOUT|LEASE|HANDOVER|DRAIN|IDEMPOTENCY)_/;
/** In any other name so many letters may differ. */
const SLIP = 2;
const SHORT = 8;

/** Variables that are set, not known, and near a known one: `WORKER_CONCURENCY`. A process may have many that are not ours. */
export function slips(values: NodeJS.ProcessEnv): { variable: string; meant: string }[] {
  const known = new Set(KNOWN_VARIABLES);
  return Object.keys(values).flatMap((variable) => {
    if (known.has(variable)) return [];
    const meant = nearest(variable, KNOWN_VARIABLES);
    if (meant === undefined) return [];
    const written = variable.toUpperCase();
    const near = OURS.test(written) || (variable.length >= SHORT && editDistance(written, meant) <= SLIP);
    return near ? [{ variable, meant }] : [];
  });
}

/** Says once what is set and read by nobody. Their values are not told: they may be secrets. */
export function warnOfSlips(values: NodeJS.ProcessEnv, logger: Logger): void {
  for (const { variable, meant } of slips(values)) {
    logger.warn({ variable, meant }, `${variable} is set and nothing reads it; did you mean ${meant}?`);
  }
}

/** Says once which of the queues to take from there are not: it may be a slip, and nothing would ever come. */
export function warnOfQueues(wanted: readonly string[], known: Iterable<string>, logger: Logger): void {
  const queues = new Set(known);
  for (const queue of wanted) {
    if (queues.has(queue)) continue;
    const meant = nearest(queue, queues);
    const hint = meant === undefined ? `there are ${[...queues].sort().slice(0, 20).join(', ')}` : `did you mean ${JSON.stringify(meant)}?`;
    logger.warn({ queue }, `WORKER_QUEUES names ${JSON.stringify(queue)}, to which no kind and no setting sends jobs; ${hint}`);
  }
}
