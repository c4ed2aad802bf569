import {
  type Pause,
  type PauseNote,
  type QueueControl,
  type QueueDeclarations,
  type QueueFairness,
  type QueueRemoval,
  type Queues,
  type QueueSetting,
  type QueueSettings,
  type QueueSharing,
  Refusal,
} from '@app/core';
import { type Database, statement } from '../pool/database.js';
import { transact } from '../pool/transact.js';
import { RETAG_PLACES } from '../room/places.js';
import { HOLD_RELEASE } from '../room/release.js';
import { PAUSE_COLUMNS, type PauseRow, SETTINGS_COLUMNS, type SettingsRow, toPause, toSettings } from './pause-row.js';

/** Longer than any process trusts that a queue is declared, and than a submission may be on its way. */
const LINGER_SECONDS = 60;
/** In two parts, as the indexes are. */
const UNFINISHED = `(EXISTS (SELECT FROM lh.jobs j WHERE j.queue = q.name AND j.finished_at IS NULL AND j.run_at IS NULL)
  OR EXISTS (SELECT FROM lh.jobs j WHERE j.queue = q.name AND j.run_at IS NOT NULL))`;
const DECLARED = 'deleted_at IS NULL';

const ALL = statement(
  'queue:all',
  `SELECT name, paused_at IS NOT NULL AS paused FROM lh.queues q
   WHERE ${DECLARED} OR deleted_at > now() - interval '${LINGER_SECONDS} seconds' OR ${UNFINISHED} ORDER BY name`,
);
const KNOWN = statement('queue:known', `SELECT name FROM lh.queues WHERE ${DECLARED}`);
const DECLARED_NAMES = statement(
  'queue:declared',
  `SELECT name FROM lh.queues WHERE ${DECLARED}
   UNION SELECT unnest(queues) FROM lh.workers WHERE lease_until > now()
   UNION SELECT jsonb_array_elements_text(details -> 'queues') FROM lh.workers WHERE lease_until > now() ORDER BY name`,
);
const ENSURE = statement(
  'queue:ensure',
  `INSERT INTO lh.queues (name) SELECT unnest($1::text[]) ON CONFLICT (name) DO UPDATE SET deleted_at = NULL WHERE queues.deleted_at IS NOT NULL`,
);
const SET_PAUSED = statement(
  'queue:set-paused',
  `UPDATE lh.queues SET paused_at = CASE WHEN $2 THEN coalesce(paused_at, now()) END, paused_by = CASE WHEN $2 THEN coalesce($3, paused_by) END,
          pause_reason = CASE WHEN $2 THEN coalesce($4, pause_reason) END
   WHERE name = $1 AND ${DECLARED} RETURNING ${PAUSE_COLUMNS}`,
);
const SET_FAIR = statement(
  'queue:set-fair',
  `UPDATE lh.queues SET fair_by = $2, fair_cost = $3, fair_weights = $4::jsonb WHERE name = $1 AND ${DECLARED} RETURNING name`,
);
const SETTINGS = statement('queue:settings', `SELECT ${SETTINGS_COLUMNS} FROM lh.queues WHERE name = $1 AND ${DECLARED}`);
const REMOVE = statement('queue:remove', `UPDATE lh.queues q SET deleted_at = now() WHERE name = $1 AND ${DECLARED} AND NOT ${UNFINISHED} RETURNING name`);
const REMOVABLE = statement(
  'queue:removable',
  `SELECT name FROM lh.queues q WHERE deleted_at <= now() - interval '${LINGER_SECONDS} seconds' AND NOT ${UNFINISHED} ORDER BY name LIMIT 20`,
);
const FORGET = statement('queue:forget', `DELETE FROM lh.queues q WHERE name = $1 AND deleted_at IS NOT NULL AND NOT ${UNFINISHED}`);

/**
 * A queue is removed in two steps: first nobody may submit to it any more, while workers go on taking from it; for a process may
 * trust for a moment that it is declared, and what it stores then must not be stuck. When that has passed it is forgotten.
 */
export class PostgresQueues implements Queues, QueueControl, QueueDeclarations, QueueRemoval, QueueSharing {
  constructor(
    private readonly db: Database,
    private readonly maxQueues: number,
  ) {}

  all(): Promise<QueueSetting[]> {
    return this.db.run<{ name: string; paused: boolean }>(ALL, []);
  }

  async ensure(names: string[]): Promise<void> {
    const known = new Set(await this.names(KNOWN));
    const unknown = [...new Set(names)].filter((name) => !known.has(name)).sort();
    if (unknown.length === 0) return;
    const tooMany = (count: number) =>
      new Refusal('too_many_queues', `expected one of the ${count} queues that exist (MAX_QUEUES is ${this.maxQueues}), got: ${unknown.join(', ')}`);
    // Every queue is a durable queue of the broker with consumers in each worker: there must not be more without end.
    if (known.size + unknown.length > this.maxQueues) {
      throw tooMany(known.size);
    }
    await this.db.run(ENSURE, [unknown]);
    // Others that came at the same moment were not seen. Of all that find too many, each takes its own back.
    const there = await this.names(KNOWN);
    if (there.length <= this.maxQueues) return;
    for (const name of unknown) await this.db.run(REMOVE, [name]);
    throw tooMany(there.length);
  }

  declared(): Promise<string[]> {
    return this.names(DECLARED_NAMES);
  }

  async setPaused(name: string, paused: boolean, { by, reason }: PauseNote = {}): Promise<Pause | null> {
    const [row] = await this.db.run<PauseRow>(SET_PAUSED, [name, paused, by ?? null, reason ?? null]);
    return row ? toPause(row) : null;
  }

  async settings(name: string): Promise<QueueSettings | null> {
    const [row] = await this.db.run<SettingsRow>(SETTINGS, [name]);
    return row ? toSettings(row) : null;
  }

  setFair(name: string, fair: QueueFairness | null): Promise<boolean> {
    return transact(this.db, async (transaction) => {
      await this.db.run(HOLD_RELEASE, [], transaction);
      const values = [name, fair?.by ?? null, fair?.cost ?? null, fair && JSON.stringify(fair.weights)];
      if ((await this.db.run(SET_FAIR, values, transaction)).length === 0) return false;
      await this.db.run(RETAG_PLACES, [name], transaction);
      return true;
    });
  }

  async remove(name: string): Promise<'removed' | 'busy' | 'unknown'> {
    if ((await this.db.run(REMOVE, [name])).length > 0) return 'removed';
    return (await this.names(KNOWN)).includes(name) ? 'busy' : 'unknown';
  }

  removable(): Promise<string[]> {
    return this.names(REMOVABLE);
  }

  async forget(name: string): Promise<void> {
    await this.db.run(FORGET, [name]);
  }

  private async names(query: typeof KNOWN): Promise<string[]> {
    return (await this.db.run<{ name: string }>(query, [])).map(({ name }) => name);
  }
}
