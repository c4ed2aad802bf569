/** Changes of state that a job's row keeps; of older ones a reader is told the job's state as it is. */
export const MAX_HISTORY = 200;

/**
 * The history of a job under this alias. Of a plain run (queued when it was stored, then claimed, then succeeded, and nothing else) none is written:
 * the column is NULL, and the row's times tell it. Every other change of state, and every event of the attempt itself, writes it out first. The
 * constraint `jobs_plain` fails a statement that forgets to: `NULL || entry` is NULL, and the history would be lost without a word.
 */
export function historyOf(alias: string): string {
  const [started, ended] = [`${alias}.started_at`, `${alias}.finished_at`];
  return `coalesce(${alias}.history, ${entry('1', `'queued'`, '0', `${alias}.queued_at`)}
     || CASE WHEN ${started} IS NULL THEN '[]' ELSE ${entry('2', `'running'`, '1', started)} END
     || CASE WHEN ${ended} IS NULL THEN '[]' ELSE ${entry('3', `${alias}.state`, '1', ended)} END)`;
}

/** The history of a new job in this state, NULL where its times tell it. */
export function firstHistory(state: string): string {
  return `CASE WHEN ${state} <> 'queued' THEN ${entry('1', state, '0')} END`;
}

/**
 * In the SET of every UPDATE of `jobs j` that changes the state: the state, and its event, in the same write, so that no
 * reader can see one without the other. `attempt` as it is afterwards; `own`: how many events of the attempt come before it.
 * `plain`: the change belongs to a plain run, and is written only where the history is written already.
 */
export function becomes(state: string, { attempt = 'j.attempt', own = '0', plain = false } = {}): string {
  const number = own === '0' ? 'j.events + 1' : `j.events + ${own} + 1`;
  const history = `${KEPT} || ${entry(number, state, attempt)}`;
  return `state = ${state}, events = ${number}, history = ${plain ? `CASE WHEN j.history IS NOT NULL THEN ${history} END` : history}`;
}

/** The same, with nothing changed while `unless` holds. */
export function becomesUnless(unless: string, state: string): string {
  return `state = CASE WHEN ${unless} THEN j.state ELSE ${state} END,
     events = CASE WHEN ${unless} THEN j.events ELSE j.events + 1 END,
     history = CASE WHEN ${unless} THEN j.history ELSE ${KEPT} || ${entry('j.events + 1', state, 'j.attempt')} END`;
}

/** In the SET of an UPDATE of `jobs j` that numbers so many events of the attempt itself. */
export function tells(own: string): string {
  return `events = j.events + ${own}, history = ${historyOf('j')}`;
}

/** `own` events of each row of a CTE: an array of [type, age in ms, data], numbered after `before`. */
export function ownEventsOf(cte: string, own: string, before: string): string {
  return `INSERT INTO lh.job_events (job_id, seq, type, at, data)
     SELECT c.id, ${before} + e.number, e.value ->> 0, clock_timestamp() - (e.value ->> 1)::float8 * interval '1 millisecond', e.value -> 2
     FROM ${cte} c CROSS JOIN LATERAL jsonb_array_elements(${own}) WITH ORDINALITY AS e (value, number)`;
}

const KEPT = `(CASE WHEN jsonb_array_length(j.history) >= ${MAX_HISTORY} THEN j.history - 0 ELSE ${historyOf('j')} END)`;

/** A history of one entry. */
function entry(number: string, state: string, attempt: string, at = 'now()'): string {
  return `jsonb_build_array(jsonb_build_array(${number}, ${state}, ${attempt}, round(extract(epoch FROM ${at}), 3)))`;
}
