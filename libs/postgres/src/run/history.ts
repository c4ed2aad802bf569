/** Changes of state that a job's row keeps; of older ones a reader is told the job's state as it is. */
export const MAX_HISTORY = 200;

/** The first entry of a new job's history. */
export function firstEntry(state: string): string {
  return `jsonb_build_array(${entry('1', state, '0')})`;
}

/**
 * In the SET of every UPDATE of `jobs j` that changes the state: the state, and its event, in the same write, so that no
 * reader can see one without the other. `attempt` as it is afterwards; `own`: how many events of the attempt come before it.
 */
export function becomes(state: string, { attempt = 'j.attempt', own = '0' } = {}): string {
  const number = own === '0' ? 'j.events + 1' : `j.events + ${own} + 1`;
  return `state = ${state}, events = ${number}, history = ${KEPT} || jsonb_build_array(${entry(number, state, attempt)})`;
}

/** The same, with nothing changed while `unless` holds. */
export function becomesUnless(unless: string, state: string): string {
  return `state = CASE WHEN ${unless} THEN j.state ELSE ${state} END,
     events = CASE WHEN ${unless} THEN j.events ELSE j.events + 1 END,
     history = CASE WHEN ${unless} THEN j.history ELSE ${KEPT} || jsonb_build_array(${entry('j.events + 1', state, 'j.attempt')}) END`;
}

/** `own` events of each row of a CTE: an array of [type, age in ms, data], numbered after `before`. */
export function ownEventsOf(cte: string, own: string, before: string): string {
  return `INSERT INTO lh.job_events (job_id, seq, type, at, data)
     SELECT c.id, ${before} + e.number, e.value ->> 0, clock_timestamp() - (e.value ->> 1)::float8 * interval '1 millisecond', e.value -> 2
     FROM ${cte} c CROSS JOIN LATERAL jsonb_array_elements(${own}) WITH ORDINALITY AS e (value, number)`;
}

const KEPT = `(CASE WHEN jsonb_array_length(j.history) >= ${MAX_HISTORY} THEN j.history - 0 ELSE j.history END)`;

function entry(number: string, state: string, attempt: string): string {
  return `jsonb_build_array(${number}, ${state}, ${attempt}, round(extract(epoch FROM now()), 3))`;
}
