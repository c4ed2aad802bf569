import { isScope } from '@app/contracts';
import { type Clock, type Logger, PollingLoop } from '@app/core';
import type { PostgresKeys, PostgresSessions, ValidSession } from '@app/postgres';
import { hashOf, nameOf, readApiKey } from './api-key.js';
import { KeptPrincipals } from './kept-principals.js';
import { type Principal, readTenant } from './principal.js';

/** A revocation is to hold everywhere within 2 s: this, and one statement. */
const LOOK_MS = 1_000;
/** How long what was known holds while the database does not answer. */
const HOLD_MS = 60_000;
/** A session that nobody used for so long is over. */
export const IDLE_SECONDS = 30 * 60;

/** Before the hashes of sessions, among those of keys. */
const SESSION = 'session ';

type Keys = Pick<PostgresKeys, 'valid' | 'revision' | 'used'>;
type Sessions = Pick<PostgresSessions, 'valid' | 'used'>;

const KEY_SUBJECT = 'key:';

/** Nobody can tell now what credentials allow: the database does not answer, and what was known is too old to hold, or a provider's keys cannot be read. */
export class RightsUnknown extends Error {}

/**
 * Finds out who sends a request, by an API key or the token of a session.
 *
 * Authority: the database. What it said is kept, by the hash of the key, until `rights.revision` is another one, which is read once a second. What a
 * look-up that was under way at that moment has found is used once and not kept, for it may be older than the change. While the database does not answer,
 * what is known holds for a minute; then everything is refused until it answers. A session is kept while it is in use. A crash loses nothing but what was kept, and the last minute of "used at".
 */
export class Principals {
  private readonly known: KeptPrincipals;
  private readonly used = new Set<Principal>();
  private readonly usedSessions = new Set<string>();
  private revision: string | undefined;
  private heardAt = -Infinity;
  private readonly listeners: (() => void)[] = [];
  private readonly loop: PollingLoop;

  constructor(
    private readonly keys: Keys,
    private readonly sessions: Sessions,
    clock: Clock,
    time: { now(): number },
    logger: Logger,
  ) {
    this.known = new KeptPrincipals(time);
    this.loop = new PollingLoop({
      clock,
      look: async () => {
        await this.look();
        return LOOK_MS;
      },
      everyMs: LOOK_MS,
      failed: (error) => logger.debug({ err: error }, 'whether a key was revoked could not be read; what is known holds for a minute'),
    });
  }

  /** Resolves after the first answer of the database; rejects with what kept it from answering. */
  async start(): Promise<void> {
    await this.look();
    this.loop.start();
  }

  close(): Promise<void> {
    return this.loop.close();
  }

  /** Asks at once, so that a change that this process has made holds here when it is answered. */
  refresh(): Promise<void> {
    return this.look();
  }

  /** Calls the listener when some key or session may have lost its rights. */
  listen(changed: () => void): void {
    this.listeners.push(changed);
  }

  /** Of a key that was asked for before; undefined for any other. Throws `RightsUnknown`. `name`: the key's, where it is known. */
  knownKey(text: string, name = nameOf(text)): Principal | undefined {
    // What is no key was never kept.
    return this.kept(name);
  }

  /** Of `Authorization: Bearer <key>`; undefined when it is no valid key. Rejects with `RightsUnknown`. */
  ofKey(text: string): Principal | undefined | Promise<Principal | undefined> {
    const parts = readApiKey(text);
    if (!parts) return undefined;
    const name = parts.hash.toString('latin1');
    return (
      this.kept(name) ??
      this.known.ask(name, async () => {
        const found = await this.keys.valid(parts.hash);
        return found ? principalOf({ ...found, subject: KEY_SUBJECT + found.id, until: found.expiresAt }, 'key') : undefined;
      })
    );
  }

  /** Of the token of a session that was asked for before; undefined for any other. Throws `RightsUnknown`. */
  knownSession(token: string): Principal | undefined {
    const name = SESSION + nameOf(token);
    const kept = this.kept(name);
    if (kept) this.usedSessions.add(name);
    return kept;
  }

  /** Of a session's token; undefined when it is over or unknown. Rejects with `RightsUnknown`. */
  ofSession(token: string): Principal | undefined | Promise<Principal | undefined> {
    const known = this.knownSession(token);
    if (known) return known;
    const name = SESSION + nameOf(token);
    return this.known.ask(name, async () => {
      const found = await this.sessions.valid(hashOf(token), IDLE_SECONDS);
      if (!found) return undefined;
      this.usedSessions.add(name);
      return principalOf(found, 'session');
    });
  }

  private kept(name: string): Principal | undefined {
    const principal = this.known.get(name);
    if (!principal) return undefined;
    if (performance.now() - this.heardAt > HOLD_MS)
      throw new RightsUnknown('the database has not answered for a minute, so nobody can tell whether this key is still valid');
    this.used.add(principal);
    return principal;
  }

  private async look(): Promise<void> {
    const revision = await this.keys.revision();
    this.heardAt = performance.now();
    if (revision !== this.revision) {
      this.revision = revision;
      this.known.forget();
      for (const listener of this.listeners) listener();
    }
    // Only the database knows for how long nobody used a session: one that is not in use is asked for again.
    for (const name of this.known.names()) if (name.startsWith(SESSION) && !this.usedSessions.has(name)) this.known.drop(name);
    if (this.used.size + this.usedSessions.size === 0) return;
    const keys = Array.from(this.used, ({ subject }) => subject)
      .filter((subject) => subject.startsWith(KEY_SUBJECT))
      .map((subject) => subject.slice(KEY_SUBJECT.length));
    const sessions = Array.from(this.usedSessions, (name) => Buffer.from(name.slice(SESSION.length), 'latin1'));
    this.used.clear();
    this.usedSessions.clear();
    await Promise.all([this.keys.used(keys), this.sessions.used(sessions)]);
  }
}

type Found = Omit<ValidSession, 'until'> & { until: Date | null };

function principalOf({ subject, tenant, name, scopes, kinds, requestsPerSecond, until }: Found, via: Principal['via']): Principal {
  return {
    tenant: readTenant(tenant),
    subject,
    via,
    name,
    scopes: scopes.filter(isScope),
    kinds,
    requestsPerSecond,
    until: until?.getTime() ?? null,
  };
}
