import { Refusal } from '../job/errors.js';
import { isOwnKind } from '../job/kind.js';
import { type LimitMatch, type LimitPer, MAX_LIMITS_OF_JOB } from './limit.js';

/** What of a job decides under which limits it is. */
export interface Limited {
  kind: string;
  queue: string;
  tags: readonly string[];
}

/** What of a limit decides which jobs it is for. */
export interface MatchingLimit {
  name: string;
  match: LimitMatch;
  per: LimitPer | null;
}

/** A name, or, with `*` at its end, the beginning of some. */
function fits(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/**
 * The limits of an installation at one revision, made ready for the question which of them a job is under. The answer for a kind and a queue is kept:
 * most jobs are of few.
 */
export class LimitsAt {
  private readonly candidates = new Map<string, readonly MatchingLimit[]>();

  constructor(
    readonly revision: number,
    readonly limits: readonly MatchingLimit[],
  ) {}

  /**
   * The keys of the limits that the job is under, sorted; null for none. A job without a value for a limit's `per` has the key without a value, which
   * it shares with all such jobs: one that lacks its tag must not get around the limit.
   */
  keysOf(job: Limited): string[] | null {
    if (this.limits.length === 0) return null;
    const candidates = this.candidatesFor(job);
    if (candidates.length === 0) return null;
    const keys: string[] = [];
    for (const limit of candidates) {
      const { tag } = limit.match;
      if (tag !== undefined && !job.tags.some((each) => fits(tag, each))) continue;
      const values = limit.per === null ? [] : valuesOf(job, limit.per);
      if (values.length === 0) keys.push(limit.name);
      for (const value of values) keys.push(`${limit.name}/${value}`);
    }
    return keys.length === 0 ? null : keys.sort();
  }

  /** The same of a job that is submitted. Refuses one that is under more limits than a job may be. */
  keysOfNew(job: Limited): string[] | null {
    const keys = this.keysOf(job);
    if (keys === null || keys.length <= MAX_LIMITS_OF_JOB) return keys;
    const detail = `is under ${keys.length} limits (${keys.join(', ')}), and a job may be under ${MAX_LIMITS_OF_JOB}; GET /limits lists them`;
    throw new Refusal('invalid_payload', `the job ${detail}`, [{ pointer: '/kind', detail }]);
  }

  private candidatesFor({ kind, queue }: Limited): readonly MatchingLimit[] {
    const shape = `${queue} ${kind}`;
    let found = this.candidates.get(shape);
    if (!found) {
      found = isOwnKind(kind)
        ? []
        : this.limits.filter(({ match }) => (match.kind === undefined || fits(match.kind, kind)) && (match.queue === undefined || match.queue === queue));
      this.candidates.set(shape, found);
    }
    return found;
  }
}

/** Without any limit, at a revision before all others. */
export const NO_LIMITS = new LimitsAt(0, []);

/** The name of the limit that a key belongs to. */
export function limitOfKey(key: string): string {
  const end = key.indexOf('/');
  return end < 0 ? key : key.slice(0, end);
}

function valuesOf({ kind, queue, tags }: Limited, per: LimitPer): string[] {
  if (per === 'kind') return [kind];
  if (per === 'queue') return [queue];
  const prefix = `${per.slice('tag:'.length)}:`;
  return [...new Set(tags.filter((tag) => tag.startsWith(prefix)))];
}
