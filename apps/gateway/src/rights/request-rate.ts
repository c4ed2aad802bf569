import { CONFIG, type Principal } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import { RateExceeded } from '../http/rate-exceeded.js';
import { TokenBuckets } from '../http/token-buckets.js';
import type { RatesConfig } from './rates.config.js';

/** The headers of draft-ietf-httpapi-ratelimit-headers, of answers and refusals alike. */
export type RateHeaders = Record<'ratelimit' | 'ratelimit-policy', string>;

/** The name of the policy in the headers, and of the limit in a refusal. */
const POLICY = 'requests';

/** Counts the requests of each principal in this process: by its subject, so that a key and its sessions count as one. */
@Injectable()
export class RequestRate {
  private readonly ofAll: Rate | undefined;
  /** Of keys with a limit of their own, by that limit. */
  private readonly own = new Map<number, Rate>();

  constructor(@Inject(CONFIG) { rates }: { rates: Pick<RatesConfig, 'requestsPerSecond' | 'requestsBurst'> }) {
    const { requestsPerSecond, requestsBurst } = rates;
    if (requestsPerSecond > 0)
      this.ofAll = rateOf(
        requestsPerSecond,
        requestsBurst,
        `${requestsPerSecond} requests a second (REQUESTS_PER_SECOND), and ${requestsBurst} at once (REQUESTS_BURST)`,
      );
  }

  /** Counts one more; undefined where there is no limit. */
  count({ subject, requestsPerSecond = null }: Principal): { headers: RateHeaders; refused?: RateExceeded } | undefined {
    const rate = requestsPerSecond === null ? this.ofAll : this.ownRate(requestsPerSecond);
    if (!rate) return undefined;
    const { taken, left, fullInSeconds, retryInSeconds } = rate.buckets.take(subject);
    const headers = { ratelimit: `"${POLICY}";r=${left};t=${fullInSeconds}`, 'ratelimit-policy': rate.policy };
    if (taken) return { headers };
    return { headers, refused: new RateExceeded(POLICY, rate.buckets.burst, `${rate.expected} of ${subject}`, retryInSeconds) };
  }

  private ownRate(perSecond: number): Rate | undefined {
    if (perSecond === 0) return undefined;
    const known = this.own.get(perSecond);
    if (known) return known;
    const rate = rateOf(perSecond, perSecond * 2, `${perSecond} requests a second (requestsPerSecond of the key), and ${perSecond * 2} at once`);
    this.own.set(perSecond, rate);
    return rate;
  }
}

/** A limit, and what is said of it. */
interface Rate {
  buckets: TokenBuckets;
  policy: string;
  expected: string;
}

function rateOf(perSecond: number, burst: number, expected: string): Rate {
  const buckets = new TokenBuckets(perSecond, burst);
  return { buckets, policy: `"${POLICY}";q=${burst};w=${buckets.windowSeconds}`, expected };
}
