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
  private readonly buckets: TokenBuckets | undefined;
  private readonly policy: string;
  private readonly expected: string;

  constructor(@Inject(CONFIG) { rates }: { rates: Pick<RatesConfig, 'requestsPerSecond' | 'requestsBurst'> }) {
    const { requestsPerSecond, requestsBurst } = rates;
    if (requestsPerSecond > 0) this.buckets = new TokenBuckets(requestsPerSecond, requestsBurst);
    this.policy = `"${POLICY}";q=${requestsBurst};w=${this.buckets?.windowSeconds ?? 0}`;
    this.expected = `${requestsPerSecond} requests a second (REQUESTS_PER_SECOND), and ${requestsBurst} at once (REQUESTS_BURST)`;
  }

  /** Counts one more; undefined where there is no limit. */
  count({ subject }: Principal): { headers: RateHeaders; refused?: RateExceeded } | undefined {
    if (!this.buckets) return undefined;
    const { taken, left, fullInSeconds, retryInSeconds } = this.buckets.take(subject);
    const headers = { ratelimit: `"${POLICY}";r=${left};t=${fullInSeconds}`, 'ratelimit-policy': this.policy };
    if (taken) return { headers };
    return { headers, refused: new RateExceeded(POLICY, this.buckets.burst, `${this.expected} of ${subject}`, retryInSeconds) };
  }
}
