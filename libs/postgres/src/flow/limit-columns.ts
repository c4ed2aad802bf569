// Fragments about a row `l` of `flow_limits`, for all who ask what a limit allows.

/** The name of the limit that a key belongs to, as `limitOfKey` says. */
export function limitOf(key: string): string {
  return `split_part(${key}, '/', 1)`;
}

/** A table and the condition of its join: the limit `l` of a key. No row where the limit is gone. */
export function limitOn(key: string): string {
  return `lh.flow_limits l ON l.tenant = 'default' AND l.name = ${limitOf(key)}`;
}

/** How many jobs it lets run at once now: as its override says while that lasts; NULL without a limit of concurrency. */
export const CAPACITY = `CASE WHEN l.override_until > now() AND l.override ? 'concurrency' THEN (l.override ->> 'concurrency')::integer ELSE l.concurrency END`;

/** Milliseconds between two starts; NULL without a rate. */
export const EVERY_MS = `(l.rate_ms / l.rate_count::float8)`;

/** When the rate allows the next start, which is earlier than its theoretical arrival time by all but one of the burst. NULL without a rate. */
export function nextStart(arrivalTime: string): string {
  return `${arrivalTime} - (coalesce(l.burst, 1) - 1) * ${EVERY_MS} * interval '1 millisecond'`;
}

/** Of a strict limit: how many jobs of a key were released and have not started. */
export function unstarted(key: string): string {
  return `(SELECT count(*)::integer FROM lh.flow_slots s JOIN lh.jobs j ON j.id = s.job_id WHERE s.limit_key = ${key} AND j.state = 'queued')`;
}
