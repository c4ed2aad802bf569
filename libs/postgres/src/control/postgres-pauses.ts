import type { KindPauses, Pause, PausedNames, PauseNote, PauseReader } from '@app/core';
import { type Database, statement } from '../pool/database.js';
import { PAUSE_COLUMNS, type PauseRow, toPause } from './pause-row.js';

const PAUSED = statement(
  'paused:names',
  `SELECT name, true AS is_queue FROM lh.queues WHERE paused_at IS NOT NULL UNION ALL SELECT kind, false FROM lh.paused_kinds`,
);
const PAUSE_KIND = statement(
  'paused:pause-kind',
  `INSERT INTO lh.paused_kinds AS p (kind, paused_by, pause_reason) VALUES ($1, $2, $3)
   ON CONFLICT (kind) DO UPDATE SET paused_by = coalesce(excluded.paused_by, p.paused_by), pause_reason = coalesce(excluded.pause_reason, p.pause_reason)
   RETURNING ${PAUSE_COLUMNS}`,
);
const RESUME_KIND = statement('paused:resume-kind', 'DELETE FROM lh.paused_kinds WHERE kind = $1 RETURNING kind');
const PAUSED_KINDS = statement('paused:kinds', `SELECT kind, ${PAUSE_COLUMNS} FROM lh.paused_kinds`);

export class PostgresPauses implements PauseReader, KindPauses {
  constructor(private readonly db: Database) {}

  async paused(): Promise<PausedNames> {
    const names: PausedNames = { queues: [], kinds: [] };
    for (const { name, is_queue: isQueue } of await this.db.run<{ name: string; is_queue: boolean }>(PAUSED, [])) {
      (isQueue ? names.queues : names.kinds).push(name);
    }
    return names;
  }

  async pause(kind: string, { by, reason }: PauseNote = {}): Promise<Pause> {
    const [row] = await this.db.run<PauseRow>(PAUSE_KIND, [kind, by ?? null, reason ?? null]);
    return toPause(row as PauseRow);
  }

  async resume(kind: string): Promise<boolean> {
    return (await this.db.run(RESUME_KIND, [kind])).length > 0;
  }

  async pauses(): Promise<Map<string, Pause>> {
    const rows = await this.db.run<PauseRow & { kind: string }>(PAUSED_KINDS, []);
    return new Map(rows.map((row) => [row.kind, toPause(row)]));
  }
}
