import { type Queues, type QueueSetting, Refusal } from '@app/core';
import { type Database, statement } from './database.js';

const ALL = statement('queue:all', 'SELECT name, paused_at IS NOT NULL AS paused FROM queues ORDER BY name');
const ENSURE = statement('queue:ensure', 'INSERT INTO queues (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING');
const SET_PAUSED = statement(
  'queue:set-paused',
  `UPDATE queues SET paused_at = CASE WHEN $2 THEN coalesce(paused_at, now()) END WHERE name = $1 RETURNING name`,
);

export class PostgresQueues implements Queues {
  constructor(
    private readonly db: Database,
    private readonly maxQueues: number,
  ) {}

  all(): Promise<QueueSetting[]> {
    return this.db.run<{ name: string; paused: boolean }>(ALL, []);
  }

  async ensure(names: string[]): Promise<void> {
    const known = new Set((await this.all()).map(({ name }) => name));
    const unknown = names.filter((name) => !known.has(name)).sort();
    if (unknown.length === 0) return;
    // Every queue is a durable queue of the broker with consumers in each worker: a caller must not make them without end.
    if (known.size + unknown.length > this.maxQueues) {
      throw new Refusal('too_many_queues', `expected one of the ${known.size} queues that exist (MAX_QUEUES is ${this.maxQueues}), got: ${unknown.join(', ')}`);
    }
    await this.db.run(ENSURE, [unknown]);
  }

  async setPaused(name: string, paused: boolean): Promise<boolean> {
    return (await this.db.run(SET_PAUSED, [name, paused])).length > 0;
  }
}
