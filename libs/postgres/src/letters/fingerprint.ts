import { statement } from '../pool/database.js';

/** The group of a dead letter: a hash of the texts that its cause is made of. */
function fingerprintOf(...texts: string[]): string {
  const parts = texts.map((text) => `coalesce(${text}, '')`).join(', ');
  return `left(encode(sha256(convert_to(concat_ws(chr(31), ${parts}), 'UTF8')), 'hex'), 16)`;
}

/** Of a message: why it was given up, and whose it is. */
export const messageFingerprint = (reason: string, producer: string): string => fingerprintOf(`'message'`, reason, producer);

/** A frame that has a place in a file which is neither of a package nor of Node itself. */
const OWN_FRAME = `line ~ ${pattern(/^\s+at .*:\d+:\d+\)?$/)} AND line !~ ${pattern(/node_modules[/\\]|[( ]node:/)}`;
/** Its file with the folder that it is in: where the service is installed does not matter. The column does not either. */
const PLACE = `coalesce(substring(line FROM ${pattern(/([^/\\() ]+[/\\][^/\\()]+:\d+):\d+\)?$/)}), substring(line FROM ${pattern(/([^/\\() ]+:\d+):\d+\)?$/)}))`;
const FUNCTION = `substring(line FROM ${pattern(/^\s+at (?:async )?(.*) \([^()]*\)$/)})`;

/** A pattern as text of a statement. What a backslash means in any other text is for the session's `standard_conforming_strings` to say. */
function pattern({ source }: RegExp): string {
  return `E'${source.replaceAll('\\/', '/').replaceAll('\\', '\\\\')}'`;
}

/** The first frame of the project's own code in a stack: function, file and line; NULL where there is none. */
function ownFrame(stack: string): string {
  return `(SELECT left(concat_ws(' ', ${FUNCTION}, ${PLACE}), 300) FROM regexp_split_to_table(${stack}, ${pattern(/\r?\n/)}) WITH ORDINALITY AS s (line, number)
           WHERE ${OWN_FRAME} ORDER BY number LIMIT 1)`;
}

/** Columns of a job's dead letter, out of the job's newest error, which is a subquery's column; `OFFSET 0`: the frame is looked for once. */
export function causeOf(error: string): string {
  return `LATERAL (SELECT left(${error} ->> 'name', 200) AS error, ${ownFrame(`${error} ->> 'stack'`)} AS frame OFFSET 0)`;
}

/** Of a job: its kind, the class of its error, and where the project's code has thrown it. */
export const jobFingerprint = (kind: string, reason: string, cause: string): string => fingerprintOf(`'job'`, kind, reason, `${cause}.error`, `${cause}.frame`);

/**
 * Letters that were stored by a version without groups get theirs, $1 at most. The error of a job's letter is the newest of its job, if it was not redriven since.
 * What another process has locked is left to it.
 */
export const GROUP_OLDER = statement(
  'dead-letter:group-older',
  `WITH older AS (
     SELECT id, source, reason, kind, job_id, redriven_at FROM lh.dead_letters WHERE fingerprint IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
   ), caused AS MATERIALIZED (
     SELECT o.id, c.error, c.frame,
            CASE o.source WHEN 'job' THEN ${jobFingerprint('o.kind', 'o.reason', 'c')} ELSE ${messageFingerprint('o.reason', 'NULL')} END AS fingerprint
     FROM older o LEFT JOIN lh.jobs j ON j.id = o.job_id AND o.source = 'job' AND o.redriven_at IS NULL
     CROSS JOIN LATERAL (SELECT j.errors -> -1 AS e OFFSET 0) n CROSS JOIN ${causeOf('n.e')} c
   )
   UPDATE lh.dead_letters d SET fingerprint = c.fingerprint, error = c.error, frame = c.frame FROM caused c WHERE d.id = c.id RETURNING d.id`,
);
