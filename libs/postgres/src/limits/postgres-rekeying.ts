import { type JobId, type Limited, type LimitsAt, type RekeyPage, type RekeyPlace, type RekeyStore } from '@app/core';
import type { Database, Statement } from '../pool/database.js';
import { textArray } from '../pool/text-array.js';
import { uuidArray } from '../pool/uuid-array.js';
import { NEXT_TRANSACTION, OLDEST_TRANSACTION, REKEY_JOB, REKEY_JOBS, REKEY_PLACES, TURN_PAGE, UNFINISHED_PAGE } from './rekey-statements.js';

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

interface PageRow extends Limited {
  id: JobId;
  limitKeys: string[] | null;
}

/** Writes the keys of unfinished jobs anew after limits have changed. */
export class PostgresRekeying implements RekeyStore {
  constructor(private readonly db: Database) {}

  async page(limits: LimitsAt, after: RekeyPlace | null, size: number): Promise<RekeyPage> {
    const page = await this.db.run<PageRow & { id: JobId }>(UNFINISHED_PAGE, [after?.queue ?? '', after?.id ?? BEFORE_ALL, size]);
    const changed = page.flatMap((job) => {
      const keys = limits.keysOf(job);
      return sameKeys(keys, job.limitKeys) ? [] : [{ id: job.id, keys }];
    });
    if (changed.length > 0) {
      const rows = await this.db.run<{ id: JobId }>(REKEY_JOBS, [changed.map(({ id }) => id), changed.map(({ keys }) => keys && textArray(keys))]);
      const written = new Set(rows.map(({ id }) => id));
      for (const { id, keys } of changed) if (!written.has(id)) await this.db.run(REKEY_JOB, [[id], [keys && textArray(keys)]]);
    }
    // Of all of the page: an earlier try may have ended between the two statements.
    if (page.length > 0) await this.db.run(REKEY_PLACES, [uuidArray(page.map(({ id }) => id)) as unknown]);
    const last = page.at(-1);
    return { looked: page.length, changed: changed.length, last: last && page.length === size ? { queue: last.queue, id: last.id } : null };
  }

  async turnPage(after: string | null, size: number): Promise<string | null> {
    const [last] = await this.db.run<{ id: string }>(TURN_PAGE, [after ?? BEFORE_ALL, size]);
    return last?.id ?? null;
  }

  nextTransaction(): Promise<bigint> {
    return this.transaction(NEXT_TRANSACTION);
  }

  oldestTransaction(): Promise<bigint> {
    return this.transaction(OLDEST_TRANSACTION);
  }

  private async transaction(which: Statement): Promise<bigint> {
    const [row] = await this.db.run<{ number: string }>(which, []);
    return BigInt(row?.number ?? 0);
  }
}

function sameKeys(one: readonly string[] | null, other: readonly string[] | null): boolean {
  return one === other || (one?.length === other?.length && one?.every((key, index) => key === other?.[index]) === true);
}
