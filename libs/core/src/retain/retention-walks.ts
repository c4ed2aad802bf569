import { ALL_TENANTS, DEFAULT_TENANT } from '../job/tenant.js';
import type { Pruned, RetentionLimits } from './retention.js';
import type { RetentionRule } from './retention-rule.js';

export type Outcome = 'succeeded' | 'failed' | 'cancelled';

/** Where one statement looks: at finished jobs behind an id whose id is older than so many seconds, the oldest first. */
export interface Look {
  /** Whose; null for those of all tenants. */
  tenant: string | null;
  outcome: Outcome;
  after: string;
  seconds: number;
  /** What the settings say of the outcome, in seconds; null for ever. */
  byDefault: number | null;
  /** Jobs that are looked at, at most. */
  most: number;
}

export interface Looked {
  looked: number;
  removed: number;
  /** The last one that was looked at. */
  last: string | null;
  /** The id of the moment so many seconds ago: before it the look ended. */
  end: string;
}

interface Walk {
  outcome: Outcome;
  seconds: number;
  /** Whether the rules of its group name these seconds. The others are walked once, for jobs that have fallen back to what holds for all. */
  own: boolean;
  after: string;
  /** The time of the ids that the pass before has come to, in milliseconds. */
  came: number | undefined;
  done: boolean;
}

interface Group {
  tenant: string | null;
  /** The rules that it was made by. */
  rules: string;
  walks: Walk[];
  /** Passes since the last whole one. */
  passes: number;
  whole: boolean;
  began: number;
  /** When the next whole pass is due. */
  wholeAt: number;
}

const EVERYONE = ALL_TENANTS;
const FIRST = '00000000-0000-0000-0000-000000000000';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PASS_MS = MINUTE / 2;
/** Whole passes take a tenth of the time at most. */
const APART = 9;
/** Jobs that a turn looks at, in batches. */
const BATCHES = 10;

/**
 * Which finished jobs are looked at, and when, so that jobs that are kept for long are not read again and again on the way to those that may go.
 *
 * No index has the time at which jobs ended, because every settlement would have to write it (ADR 16). So a walk goes by outcome and id, and an id is as old as
 * its job. For each length of time that a rule names there is one walk: it comes to a job when the job is so old, and the statement removes it if the job has
 * ended so long ago, and its rule says so. The walk remembers where it ended, in this process alone.
 *
 * A job that took long to end is not due when the walk comes by, nor is one that is locked, redriven, or whose outcome is still to be announced. So the next pass begins
 * a minute before the end of the last one, each second pass two minutes, each fourth four minutes and so on: a job is looked at some seven times, and goes as
 * late after its time as it took to end, about. Once in an hour, and when its rules have changed, a group begins with the oldest job.
 *
 * Jobs of a tenant with rules of its own are walked by that tenant's index; those of all others, and of `default`, which has no index of its own, together. Each
 * statement reads the rules itself. What is remembered here decides where it looks, never what goes.
 */
export class RetentionWalks {
  private readonly groups = new Map<string, Group>();

  constructor(
    private readonly look: (look: Look) => Promise<Looked>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Removes up to `limit` jobs, and one batch at most beyond it. `more`: the pass has not come to its end. */
  async turn(rules: readonly RetentionRule[], limits: RetentionLimits, limit: number): Promise<Pruned> {
    this.follow(rules, limits);
    this.begin();
    let looked = 0;
    let removed = 0;
    for (const { walk, group } of this.walks()) {
      while (!walk.done) {
        if (removed >= limit || looked >= limit * BATCHES) return { removed, more: true };
        const { outcome, after, seconds } = walk;
        const byDefault = outcome === 'succeeded' ? limits.succeededSeconds : limits.failedSeconds;
        const answer = await this.look({ tenant: group.tenant, outcome, after, seconds, byDefault, most: limit });
        looked += answer.looked;
        removed += answer.removed;
        if (answer.last !== null) walk.after = answer.last;
        walk.done = answer.looked < limit;
        if (walk.done) walk.came = timeOf(answer.end);
      }
      if (isDone(group)) this.end(group);
    }
    return { removed, more: false };
  }

  /** Those of single tenants first: they are short. */
  private walks(): { walk: Walk; group: Group }[] {
    const groups = [...this.groups.values()].sort((one, other) => Number(one.tenant === null) - Number(other.tenant === null));
    return groups.flatMap((group) => group.walks.map((walk) => ({ walk, group })));
  }

  /** Makes the walks of rules that have changed anew. */
  private follow(rules: readonly RetentionRule[], limits: RetentionLimits): void {
    const byTenant = new Map<string, RetentionRule[]>([[EVERYONE, []], ...[...this.groups.keys()].map((name): [string, RetentionRule[]] => [name, []])]);
    for (const rule of rules) {
      const name = rule.tenant === DEFAULT_TENANT ? EVERYONE : rule.tenant;
      byTenant.set(name, [...(byTenant.get(name) ?? []), rule]);
    }
    const settings = { succeededSeconds: limits.succeededSeconds, failedSeconds: limits.failedSeconds };
    const ofAll = secondsOf([settings, ...(byTenant.get(EVERYONE) ?? [])]);
    for (const [name, own] of byTenant) {
      const isEveryone = name === EVERYONE;
      const text = JSON.stringify([isEveryone ? settings : null, own.map((rule) => ({ ...rule, updatedAt: undefined }))]);
      if (this.groups.get(name)?.rules === text) continue;
      const ownSeconds = isEveryone ? ofAll : secondsOf(own);
      const fallen = isEveryone ? [] : ofAll.filter((one) => !ownSeconds.some((other) => other.outcome === one.outcome && other.seconds === one.seconds));
      if (!isEveryone && own.length === 0 && fallen.length === 0) {
        this.groups.delete(name);
        continue;
      }
      const walks = [...ownSeconds.map((at) => ({ ...at, own: true })), ...fallen.map((at) => ({ ...at, own: false }))];
      const made = { tenant: isEveryone ? null : name, rules: text, passes: 0, whole: true, began: this.now(), wholeAt: 0 };
      this.groups.set(name, { ...made, walks: walks.map((walk) => ({ ...walk, after: FIRST, came: undefined, done: false })) });
    }
  }

  /** Begins the passes that are due: each with every turn, and while one takes long the others as often as they would without it. */
  private begin(): void {
    const groups = [...this.groups.values()];
    const all = groups.every(isDone);
    const before = this.now() - PASS_MS;
    for (const group of groups) if (isDone(group) && (all || group.began <= before)) this.beginPass(group);
  }

  private beginPass(group: Group): void {
    group.began = this.now();
    group.whole = group.began >= group.wholeAt;
    group.passes = group.whole ? 0 : group.passes + 1;
    // Of 1, 2, 3, 4, … the lowest bit: 1, 2, 1, 4, …
    const back = MINUTE * (group.passes & -group.passes);
    for (const walk of group.walks) {
      walk.after = group.whole || walk.came === undefined ? FIRST : idAt(walk.came - back);
      walk.done = false;
    }
  }

  private end(group: Group): void {
    if (!group.whole) return;
    group.whole = false;
    const now = this.now();
    group.wholeAt = now + Math.max(HOUR, APART * (now - group.began));
    group.walks = group.walks.filter(({ own }) => own);
    if (group.tenant !== null && group.rules === NO_RULES) this.groups.delete(group.tenant);
  }
}

function isDone({ walks }: Group): boolean {
  return walks.every(({ done }) => done);
}

const NO_RULES = JSON.stringify([null, []]);

/** The lengths of time that are named, each once. */
function secondsOf(rules: readonly Pick<RetentionRule, 'succeededSeconds' | 'failedSeconds'>[]): { outcome: Outcome; seconds: number }[] {
  const named = (name: 'succeededSeconds' | 'failedSeconds') => [...new Set(rules.map((rule) => rule[name]))].filter((each) => typeof each === 'number');
  const failed = named('failedSeconds');
  return [
    ...named('succeededSeconds').map((seconds) => ({ outcome: 'succeeded' as const, seconds })),
    ...(['failed', 'cancelled'] as const).flatMap((outcome) => failed.map((seconds) => ({ outcome, seconds }))),
  ];
}

/** The milliseconds of a UUIDv7. */
function timeOf(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

/** The lowest UUIDv7 of a time. */
function idAt(ms: number): string {
  const time = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}
