import { statement } from '../pool/database.js';

/** Starts are added up over so many seconds. */
const BIN = `interval '5 seconds'`;
const binOf = (time: string) => `date_bin(${BIN}, ${time}, 'epoch'::timestamptz)`;
/** Of the last minute, without the five seconds in which processes are still adding. */
const WINDOW = `interval '60 seconds'`;
/** A shorter time says too little. */
const ENOUGH = `interval '15 seconds'`;

/** In the order of their names: of two processes that add to the same rows, neither waits for the other for ever. */
export const ADD_STARTS = statement(
  'starts:add',
  `INSERT INTO lh.starts AS s (subject, at, starts)
   SELECT subject, ${binOf('now()')}, starts FROM unnest($1::text[], $2::integer[]) AS i (subject, starts) ORDER BY subject
   ON CONFLICT (subject, at) DO UPDATE SET starts = s.starts + excluded.starts`,
);

export const FORGET_STARTS = statement(
  'starts:forget',
  `DELETE FROM lh.starts WHERE (subject, at) IN (SELECT subject, at FROM lh.starts WHERE at < now() - interval '5 minutes' FOR UPDATE SKIP LOCKED)`,
);

/**
 * A subquery of one row: how many jobs of a subject began in how many seconds. While jobs have waited there for some time, slots were never idle, and
 * only that time is looked at; else from the first start of the last minute on.
 */
export function startsOf(subject: string, waitingSince: string): string {
  return `SELECT sum(s.starts)::integer AS starts,
            greatest(extract(epoch FROM w.until - CASE WHEN w.since > w.earliest THEN w.since ELSE greatest(w.earliest, min(s.at)) END), 5)::float8 AS seconds
     FROM (
       SELECT until, until - ${WINDOW} AS earliest, CASE WHEN since <= until - ${ENOUGH} THEN greatest(since, until - ${WINDOW}) ELSE until - ${WINDOW} END AS since
       FROM (SELECT ${binOf('now()')} AS until, ${binOf(waitingSince)} + ${BIN} AS since) t
     ) w LEFT JOIN lh.starts s ON s.subject = ${subject} AND s.at >= w.since AND s.at < w.until
     GROUP BY w.until, w.since, w.earliest`;
}
