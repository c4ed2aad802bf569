import { CONFIG, hashOf, JwtTokens, KEY_PREFIX, type Principal, Principals } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import { RateExceeded } from '../http/rate-exceeded.js';
import { TokenBuckets } from '../http/token-buckets.js';
import type { Credentials } from './credentials.js';
import type { RatesConfig } from './rates.config.js';

type Shown = NonNullable<Credentials>;

/** For so long credentials that were refused are refused again without a look: a program with a key that is over asks often, and guesses nothing. */
const REMEMBER_MS = 10_000;
const MOST_REMEMBERED = 10_000;

/**
 * Finds out whose credentials are shown. So that guessing is slow, a client may show only so many different wrong ones in a minute. Beyond that nothing of it
 * is looked up, right or wrong, apart from credentials that are known already: whoever shares its address goes on.
 */
@Injectable()
export class SignIns {
  private readonly failures: TokenBuckets | undefined;
  private readonly perMinute: number;
  private wrong = new Map<string, number>();

  constructor(
    private readonly principals: Principals,
    private readonly tokens: JwtTokens,
    @Inject(CONFIG) { rates }: { rates: Pick<RatesConfig, 'failedSignInsOfClient'> },
  ) {
    this.perMinute = rates.failedSignInsOfClient;
    if (this.perMinute > 0) this.failures = new TokenBuckets(this.perMinute / 60, this.perMinute);
  }

  /** Of credentials that were looked up before; undefined for all others. Throws `RightsUnknown`. */
  known(shown: Shown): Principal | undefined {
    if ('session' in shown) return this.principals.knownSession(shown.session);
    return isKey(shown.bearer) ? this.principals.knownKey(shown.bearer, shown.name) : this.tokens.known(shown.bearer, shown.name);
  }

  /** Whose they are; undefined when they are not valid. Rejects with `RightsUnknown`, and with `RateExceeded` when the client has shown too many wrong ones. */
  async of(shown: Shown, client: string): Promise<Principal | undefined> {
    if (!this.failures) return this.lookUp(shown);
    const name = hashOf(JSON.stringify('session' in shown ? shown : shown.bearer)).toString('latin1');
    if ((this.wrong.get(name) ?? -Infinity) > performance.now()) return undefined;
    this.admit(client);
    const found = await this.lookUp(shown);
    if (found) return found;
    if (this.wrong.size >= MOST_REMEMBERED) this.wrong = new Map();
    this.wrong.set(name, performance.now() + REMEMBER_MS);
    this.countFailure(client);
    return undefined;
  }

  /** Throws `RateExceeded` when the client has shown too many wrong credentials. */
  admit(client: string): void {
    const wait = this.failures?.waitOf(client) ?? 0;
    if (wait > 0) throw this.tooMany(wait);
  }

  /** Throws `RateExceeded` when others of this client have used up what it may show, after it was admitted. */
  countFailure(client: string): void {
    if (!this.failures) return;
    const { taken, retryInSeconds } = this.failures.take(client);
    if (!taken) throw this.tooMany(retryInSeconds);
  }

  /** The same without a bound and without memory, for what was let in before and is looked at again. */
  lookUp(shown: Shown): Principal | undefined | Promise<Principal | undefined> {
    if ('session' in shown) return this.principals.ofSession(shown.session);
    return isKey(shown.bearer) ? this.principals.ofKey(shown.bearer) : this.tokens.of(shown.bearer);
  }

  private tooMany(seconds: number): RateExceeded {
    return new RateExceeded(
      'failed_sign_ins',
      this.perMinute,
      `${this.perMinute} failed sign-ins of one client in a minute (MAX_FAILED_SIGN_INS_PER_CLIENT)`,
      seconds,
    );
  }
}

/** Whether it has the form of an API key; what has not may be a token. */
export function isKey(bearer: string): boolean {
  return bearer.startsWith(KEY_PREFIX);
}
