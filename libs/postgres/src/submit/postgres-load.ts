import type { Load, LoadReader } from '@app/core';
import { type Database, statement } from '../pool/database.js';

/** Where counting ends: an operator's limits are below. */
const ENOUGH = 2_000_000;
/** As long as the relay hides what it has taken. */
const SOON = `interval '30 seconds'`;

/** Jobs out of `jobs_waiting` and `jobs_scheduled` alone, without the heap where it is vacuumed; outbox rows out of `outbox_due`. */
const READ_LOAD = statement(
  'load:read',
  `WITH waiting AS (
     SELECT queue, count(*)::integer AS jobs
     FROM (SELECT queue FROM lh.jobs WHERE finished_at IS NULL AND run_at IS NULL LIMIT ${ENOUGH}) j GROUP BY queue
   ), scheduled AS (
     SELECT queue, count(*)::integer AS jobs FROM (SELECT queue FROM lh.jobs WHERE run_at IS NOT NULL LIMIT ${ENOUGH}) j GROUP BY queue
   )
   SELECT
     (SELECT coalesce(json_object_agg(queue, jobs), '{}') FROM waiting) AS waiting,
     (SELECT coalesce(json_object_agg(queue, jobs), '{}') FROM scheduled) AS scheduled,
     (SELECT count(*)::integer FROM (SELECT FROM lh.outbox WHERE available_at <= now() + ${SOON} LIMIT ${ENOUGH}) o) AS outbox_rows,
     (SELECT coalesce(greatest(extract(epoch FROM now() - min(o.available_at)), 0), 0)::float8
      FROM generate_series(0, 9) AS p (priority)
      CROSS JOIN LATERAL (SELECT available_at FROM lh.outbox WHERE outbox.priority = p.priority ORDER BY available_at LIMIT 1) o) AS outbox_age`,
);

interface LoadRow {
  waiting: Record<string, number>;
  scheduled: Record<string, number>;
  outbox_rows: number;
  outbox_age: number;
}

export class PostgresLoad implements LoadReader {
  constructor(private readonly db: Database) {}

  async read(): Promise<Load> {
    const [row] = await this.db.run<LoadRow>(READ_LOAD, []);
    if (!row) throw new Error('expected one row of figures, got none');
    const unfinished = new Map(Object.entries(row.waiting));
    const scheduled = new Map(Object.entries(row.scheduled));
    for (const [queue, jobs] of scheduled) unfinished.set(queue, jobs + (unfinished.get(queue) ?? 0));
    return { unfinished, scheduled, outboxRows: row.outbox_rows, outboxAgeSeconds: row.outbox_age };
  }
}
