import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * One list of whom a job's outcome is sent to, in place of a column for each way: `[{"channel": "webhook" | "email" | "reply", "to", "id"}]`. A new
 * channel needs no column, and a job that tells nobody (most do not) has one NULL instead of four. `id` is by what a requester knows its reply.
 */
export class Notify1700000000160 implements MigrationInterface {
  readonly breaking = true;

  async up(runner: QueryRunner): Promise<void> {
    // Several reply addresses stood in one text, after a character that no name of a queue begins with.
    await run(
      runner,
      `ALTER TABLE lh.jobs ADD COLUMN notify jsonb;
       UPDATE lh.jobs j SET notify = (
         SELECT jsonb_agg(n.entry ORDER BY n.place) FROM (
           SELECT 1 AS place, jsonb_build_object('channel', 'webhook', 'to', j.callback_url) AS entry WHERE j.callback_url IS NOT NULL
           UNION ALL SELECT 2, jsonb_build_object('channel', 'email', 'to', j.notify_email) WHERE j.notify_email IS NOT NULL
           UNION ALL SELECT 3, jsonb_build_object('channel', 'reply', 'to', j.reply_to, 'id', j.correlation_id) WHERE left(j.reply_to, 1) <> chr(1)
           UNION ALL SELECT 3 + r.place, jsonb_build_object('channel', 'reply') || r.entry
             FROM jsonb_array_elements(CASE WHEN left(j.reply_to, 1) = chr(1) THEN substr(j.reply_to, 2)::jsonb END) WITH ORDINALITY AS r (entry, place)
         ) n
       ) WHERE j.callback_url IS NOT NULL OR j.notify_email IS NOT NULL OR j.reply_to IS NOT NULL;
       ALTER TABLE lh.jobs DROP COLUMN callback_url, DROP COLUMN notify_email, DROP COLUMN reply_to, DROP COLUMN correlation_id`,
    );
    await numbered(runner, 16, { breaking: this.breaking });
  }

  async down(runner: QueryRunner): Promise<void> {
    const of = (channel: string, what: string) => `(SELECT n ->> '${what}' FROM jsonb_array_elements(notify) n WHERE n ->> 'channel' = '${channel}' LIMIT 1)`;
    await run(
      runner,
      `ALTER TABLE lh.jobs ADD COLUMN callback_url text, ADD COLUMN notify_email text, ADD COLUMN reply_to text, ADD COLUMN correlation_id text;
       UPDATE lh.jobs SET callback_url = ${of('webhook', 'to')}, notify_email = ${of('email', 'to')}, reply_to = ${of('reply', 'to')}, correlation_id = ${of('reply', 'id')}
       WHERE notify IS NOT NULL;
       ALTER TABLE lh.jobs DROP COLUMN notify;
       DELETE FROM lh.schema_version WHERE number = 16`,
    );
  }
}
