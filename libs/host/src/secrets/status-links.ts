import { isUuid, type JobId } from '@app/core';
import { ConfigError, type Environment } from '../environment.js';
import { secretKeys, type SecretKeys } from './secret-keys.js';

/** What a link may let its reader download. */
export const STATUS_PARTS = ['result', 'files'] as const;
export type StatusPart = (typeof STATUS_PARTS)[number];

/** What a link to the page of one job says. All of it is in the link itself: nothing of it is stored. */
export interface StatusLink {
  jobId: JobId;
  /** In milliseconds. */
  until: number;
  shows: readonly StatusPart[];
  /** What its reader calls the job; null where its maker has said nothing. */
  title: string | null;
  /** Of the times on the page. */
  timezone: string;
}

const PLACE = 'status link';
const TOKEN = /^([a-z0-9_-]{1,32})\.([A-Za-z0-9_-]{40,2000})$/;

/**
 * Makes and reads the tokens of status pages. A token is sealed with a key that is derived from the first of LONGHAUL_SECRET_KEYS: nobody else can make one,
 * change it, or read the job's id in it. Each key of the list reads the tokens that it has sealed, so one that is taken out of the list ends its links.
 */
export class StatusLinks {
  private readonly keys: SecretKeys;

  constructor(
    keys: SecretKeys,
    /** How long a link works whose maker has not said it. */
    readonly usualMs: number,
  ) {
    this.keys = keys.derived(PLACE);
  }

  /** Without a key there are no links. */
  get areOn(): boolean {
    return !this.keys.isEmpty;
  }

  token({ jobId, until, shows, title, timezone }: StatusLink): string {
    if (!this.areOn) throw new ConfigError('LONGHAUL_SECRET_KEYS', 'set, for status links are sealed with its first key', undefined);
    const [, , id, sealed] = this.keys.seal(JSON.stringify([jobId, until, shows, title, timezone]), PLACE).split(':');
    return `${id}.${Buffer.from(sealed as string, 'base64').toString('base64url')}`;
  }

  /** Undefined for what no key of ours has sealed, and from its end on. `now` is the store's time. */
  read(token: string, now: number): StatusLink | undefined {
    const [, id, sealed = ''] = TOKEN.exec(token) ?? [];
    if (id === undefined) return undefined;
    let text: string;
    try {
      text = this.keys.open(`sealed:1:${id}:${Buffer.from(sealed, 'base64url').toString('base64')}`, PLACE);
    } catch {
      return undefined;
    }
    const [jobId, until, shows, title, timezone] = JSON.parse(text) as [JobId, number, StatusPart[], string | null, string];
    return isUuid(jobId) && until > now ? { jobId, until, shows, title, timezone } : undefined;
  }
}

/** Reads `LONGHAUL_SECRET_KEYS` and `STATUS_LINK_HOURS`. */
export function statusLinks(env: Environment): StatusLinks {
  return new StatusLinks(secretKeys(env), env.integer('STATUS_LINK_HOURS', 1, STATUS_LINK_MAX_DAYS * 24, 7 * 24) * 3_600_000);
}

export const STATUS_LINK_MAX_DAYS = 90;
