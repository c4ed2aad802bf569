import { WAKE_UP_MAX } from '@app/core';
import { type Database, statement } from '../pool/database.js';

const READ_SIZES = statement('kinds:read-sizes', 'SELECT name, wake_up_size FROM lh.kinds');

const WRITE_SIZES = statement(
  'kinds:write-sizes',
  `INSERT INTO lh.kinds AS k (name, wake_up_size) SELECT * FROM unnest($1::text[], $2::smallint[])
   ON CONFLICT (name) DO UPDATE SET wake_up_size = excluded.wake_up_size, measured_at = now() WHERE k.wake_up_size <> excluded.wake_up_size`,
);

/** How old what is known here may be. It is read again by whoever asks, so that a process where nothing is submitted asks nothing. */
const FRESH_MS = 1_000;

/**
 * How many jobs of a kind one message may hold: written by workers, which measure how long jobs run, and read where messages are made. One until
 * it is known.
 */
export class WakeUpSizes {
  private known: ReadonlyMap<string, number> = new Map();
  private readAt = -Infinity;
  private reading = false;

  constructor(private readonly db: Database) {}

  readonly of = (kind: string): number => {
    if (!this.reading && performance.now() - this.readAt > FRESH_MS) void this.read();
    return this.known.get(kind) ?? 1;
  };

  async write(sizes: ReadonlyMap<string, number>): Promise<void> {
    if (sizes.size === 0) return;
    // In one order, for several workers write.
    const rows = [...sizes].toSorted(([a], [b]) => (a < b ? -1 : 1));
    await this.db.run(WRITE_SIZES, [rows.map(([kind]) => kind), rows.map(([, size]) => Math.max(1, Math.min(WAKE_UP_MAX, size)))]);
  }

  /** What cannot be read stays as it was known. */
  private async read(): Promise<void> {
    this.reading = true;
    try {
      const rows = await this.db.run<{ name: string; wake_up_size: number }>(READ_SIZES, []);
      this.known = new Map(rows.map(({ name, wake_up_size }) => [name, wake_up_size]));
    } catch {
      // The statements that matter say so.
    } finally {
      this.readAt = performance.now();
      this.reading = false;
    }
  }
}
