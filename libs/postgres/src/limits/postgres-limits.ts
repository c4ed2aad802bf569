import { isDeepStrictEqual } from 'node:util';
import {
  type CodeChange,
  type Limit,
  type LimitChange,
  type LimitMatch,
  type LimitOverride,
  type LimitPer,
  LimitsAt,
  type LimitSettings,
  type LimitStore,
  type MatchingLimit,
  MAX_LIMITS,
  type NamedLimit,
  Refusal,
  type UsedLimit,
} from '@app/core';
import type { Database, Joined } from '../pool/database.js';
import { CURRENT_LIMITS, LIMITS_IN_CODE, LOCK_LIMITS, NOTE_CODE, OVERRIDE_LIMIT, PUT_LIMIT, READ_LIMITS, REMOVE_LIMIT } from './limit-statements.js';

/** Who sets a limit through the API. */
const API = 'api';
/** Keys that one limit is shown with. */
const SHOWN_KEYS = 100;

interface LimitRow {
  name: string;
  match: LimitMatch;
  per: LimitPer | null;
  concurrency: number | null;
  rate_count: number | null;
  rate_ms: string | number | null;
  burst: number | null;
  strict: boolean;
  origin: string;
  code: (LimitSettings & { origin: string }) | null;
  override: { concurrency: number } | null;
  override_until: Date | string | null;
  updated_at: Date | string;
}

interface UsedRow extends LimitRow {
  held: number;
  parked: number;
  draining: number;
  next_start_at: Date | null;
  keys: { key: string; held: number; parked: number; draining: number; nextStartAt: string | null }[];
}

/** The limits as people set them, in `flow_limits`. What obeys them reads the same rows. */
export class PostgresLimits implements LimitStore<Joined> {
  constructor(
    private readonly db: Database,
    /** For counts, which may be of many jobs. */
    private readonly reads: Database = db,
  ) {}

  async list(): Promise<UsedLimit[]> {
    return (await this.reads.run<UsedRow>(READ_LIMITS, [null, 0])).map(toUsed);
  }

  async find(name: string): Promise<UsedLimit | null> {
    const [row] = await this.reads.run<UsedRow>(READ_LIMITS, [name, SHOWN_KEYS]);
    return row ? toUsed(row) : null;
  }

  put(name: string, settings: LimitSettings, transaction?: Joined): Promise<LimitChange> {
    return this.set(name, settings, API, transaction);
  }

  private async set(name: string, settings: LimitSettings, origin: string, transaction?: Joined): Promise<LimitChange> {
    const code = origin === API ? null : JSON.stringify({ ...settings, origin });
    const { match, per, concurrency, rate, burst, strict } = settings;
    const values = [name, JSON.stringify(match), per, concurrency, rate?.count ?? null, rate?.ms ?? null, burst, strict, origin, code];
    const [row] = await this.db.run<LimitRow & { rekey: boolean }>(PUT_LIMIT, values, transaction);
    if (row) return { limit: toLimit(row), rekey: row.rekey };
    const detail = `must be one of the ${MAX_LIMITS} limits that exist: there may be no more; DELETE one`;
    throw new Refusal('invalid_payload', 'there are too many limits', [{ pointer: '/name', detail }]);
  }

  async remove(name: string, transaction?: Joined): Promise<LimitChange | 'code' | 'unknown'> {
    const [row] = await this.db.run<{ removed: boolean; restored: LimitRow | null; known: boolean }>(REMOVE_LIMIT, [name, API], transaction);
    if (row?.removed) return { limit: row.restored && toLimit(row.restored), rekey: true };
    return row?.known ? 'code' : 'unknown';
  }

  async putCode(origin: string, limits: readonly NamedLimit[], transaction: Joined): Promise<CodeChange> {
    await this.db.run(LOCK_LIMITS, [], transaction);
    const names = limits.map(({ name }) => name);
    const rows = await this.db.run<Pick<LimitRow, 'name' | 'origin' | 'code'>>(LIMITS_IN_CODE, [names], transaction);
    const found = new Map(rows.map((row) => [row.name, row]));
    const change: CodeChange = { rekey: [], taken: [] };
    for (const { name, settings } of limits) {
      const { code, ...held } = found.get(name) ?? { origin, code: null };
      if (code && code.origin !== origin) change.taken.push({ name, origin: code.origin });
      else if (code && isDeepStrictEqual(code, { ...settings, origin })) continue;
      else if (held.origin === API) await this.db.run(NOTE_CODE, [name, JSON.stringify({ ...settings, origin })], transaction);
      else if ((await this.set(name, settings, origin, transaction)).rekey) change.rekey.push(name);
    }
    for (const { name, origin: held } of rows.filter((row) => row.code?.origin === origin && !names.includes(row.name))) {
      await this.db.run(NOTE_CODE, [name, null], transaction);
      if (held === API) continue;
      await this.db.run(REMOVE_LIMIT, [name, origin], transaction);
      change.rekey.push(name);
    }
    return change;
  }

  async override(name: string, override: LimitOverride | null): Promise<boolean> {
    return (await this.db.run(OVERRIDE_LIMIT, [name, override?.concurrency ?? null, override?.until ?? null])).length > 0;
  }

  async current(transaction?: Joined): Promise<LimitsAt> {
    const [row] = await this.db.run<{ revision: number; limits: MatchingLimit[] }>(CURRENT_LIMITS, [], transaction);
    if (!row) throw new Error('expected one row of flow_revision, got none');
    return new LimitsAt(row.revision, row.limits);
  }
}

function toLimit(row: LimitRow): Limit {
  const { name, match, per, concurrency, burst, strict, origin } = row;
  return {
    name,
    match,
    per,
    concurrency,
    rate: row.rate_count === null || row.rate_ms === null ? null : { count: row.rate_count, ms: Number(row.rate_ms) },
    burst,
    strict,
    origin,
    code: origin === 'api' ? row.code : null,
    override: row.override && row.override_until ? { concurrency: row.override.concurrency, until: new Date(row.override_until) } : null,
    updatedAt: new Date(row.updated_at),
  };
}

function toUsed(row: UsedRow): UsedLimit {
  const keys = row.keys.map(({ nextStartAt, ...use }) => ({ ...use, nextStartAt: nextStartAt === null ? null : new Date(nextStartAt) }));
  return { ...toLimit(row), held: row.held, parked: row.parked, draining: row.draining, nextStartAt: row.next_start_at, keys };
}
