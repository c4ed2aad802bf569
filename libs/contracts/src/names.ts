/** The beginning of every name that Longhaul uses on the broker, including the queues of single processes. */
export const OWN_PREFIX = 'longhaul.';

/** The beginning of the name of an exclusive queue that belongs to one process; a uuid follows. */
export const OWN_QUEUE_PREFIX = 'longhaul.own.';

/** Exchanges and queues that other services see. Names are part of the wire contract. */
export const EXCHANGES = {
  /** Topic. Producers publish payloads here, routing key = kind. */
  submit: 'longhaul.submit',
  /** Direct. The relay publishes job messages here, routing key = queue. */
  jobs: 'longhaul.jobs',
  /** Topic. Outcomes, routing key `<kind>.<succeeded|failed|cancelled>`. */
  events: 'longhaul.events',
  /** Topic. Jobs and messages that were given up. */
  dead: 'longhaul.dlx',
  /** Fanout, between Longhaul's own processes: ids of jobs that have a new event. */
  changes: 'longhaul.changes',
  /** Fanout, between Longhaul's own processes: ids of running jobs that were asked to stop. */
  control: 'longhaul.control',
} as const;

export const SUBMIT_QUEUE = 'longhaul.submit';
export const DEAD_QUEUE = 'longhaul.dead';

/** The durable queue that carries the job messages of one of Longhaul's queues. */
export function jobQueueName(queue: string): string {
  return `longhaul.jobs.${queue}`;
}

/** The channel of the queues that `reply_to` names, as entries of a job's `notify` have it: the broker brings the outcome there. */
export const REPLY_CHANNEL = 'reply';

/** Headers of submissions and job messages; those of a job's options stand with them, in the core. */
export const HEADERS = { traceparent: 'traceparent' } as const;

/** The content type of a message that wakes up jobs: its body is a JSON array of their ids. */
export const WAKE_UP_TYPE = 'application/vnd.longhaul.wake+json';
