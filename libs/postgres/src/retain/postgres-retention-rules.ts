import { type KeptTimes, type KindTimes, MAX_RETENTION_RULES, MAX_RETENTION_RULES_IN_ALL, Refusal, type RetentionRule, type RetentionRules } from '@app/core';
import type { Database } from '../pool/database.js';
import { FIND_RULE, LIST_RULES, PUT_CODE_RULES, PUT_RULE, REMOVE_RULE } from './rule-statements.js';

/** As a column has it: NULL where the rule does not say. */
const FOR_EVER = -1;

interface RuleRow {
  tenant: string;
  kinds: string;
  origin: string;
  succeeded_seconds: number | null;
  failed_seconds: number | null;
  updated_at: Date;
}

export class PostgresRetentionRules implements RetentionRules {
  constructor(private readonly db: Database) {}

  async list(tenant: string | null): Promise<RetentionRule[]> {
    return (await this.db.run<RuleRow>(LIST_RULES, [tenant])).map(toRule);
  }

  async find(tenant: string, kinds: string): Promise<RetentionRule | null> {
    const [row] = await this.db.run<RuleRow>(FIND_RULE, [tenant, kinds]);
    return row ? toRule(row) : null;
  }

  async put(tenant: string, kinds: string, { succeededSeconds, failedSeconds }: KeptTimes): Promise<RetentionRule> {
    const [row] = await this.db.run<RuleRow>(PUT_RULE, [tenant, kinds, toColumn(succeededSeconds), toColumn(failedSeconds)]);
    if (row) return toRule(row);
    const detail = `must be for kinds that have one: there may be ${MAX_RETENTION_RULES} of a tenant and ${MAX_RETENTION_RULES_IN_ALL} in all; DELETE one`;
    throw new Refusal('invalid_payload', 'there are too many rules of retention', [{ pointer: '/kinds', detail }]);
  }

  async remove(tenant: string, kinds: string): Promise<'removed' | 'code' | 'unknown'> {
    const [row] = await this.db.run<{ removed: boolean; in_code: boolean }>(REMOVE_RULE, [tenant, kinds]);
    if (row?.removed) return 'removed';
    return row?.in_code ? 'code' : 'unknown';
  }

  async putCode(origin: string, kinds: readonly KindTimes[]): Promise<void> {
    const column = (name: keyof KeptTimes) => kinds.map(({ times }) => toColumn(times[name]));
    await this.db.run(PUT_CODE_RULES, [origin, kinds.map(({ kind }) => kind), column('succeededSeconds'), column('failedSeconds')]);
  }
}

function toColumn(seconds: number | null | undefined): number | null {
  return seconds === null ? FOR_EVER : (seconds ?? null);
}

function toRule({ tenant, kinds, origin, succeeded_seconds: succeeded, failed_seconds: failed, updated_at: updatedAt }: RuleRow): RetentionRule {
  const said = (name: keyof KeptTimes, seconds: number | null): KeptTimes => (seconds === null ? {} : { [name]: seconds === FOR_EVER ? null : seconds });
  return { tenant, kinds, ...said('succeededSeconds', succeeded), ...said('failedSeconds', failed), origin, updatedAt: new Date(updatedAt) };
}
