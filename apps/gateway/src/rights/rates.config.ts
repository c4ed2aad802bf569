import { ConfigError, type Environment } from '@app/host';

/** How many requests may come in a time. 0 is off. */
export interface RatesConfig {
  requestsPerSecond: number;
  /** How many of them at once, after a pause. */
  requestsBurst: number;
  failedSignInsOfClient: number;
}

const MOST = 1_000_000;

/** Throws a `ConfigError`. */
export function ratesConfig(env: Environment, auth: boolean): RatesConfig {
  const requestsPerSecond = env.integer('REQUESTS_PER_SECOND', 0, MOST, 0);
  const config = {
    requestsPerSecond,
    requestsBurst: env.integer('REQUESTS_BURST', 1, MOST, Math.min(MOST, Math.max(1, requestsPerSecond * 2))),
    failedSignInsOfClient: env.integer('MAX_FAILED_SIGN_INS_PER_CLIENT', 0, MOST, 100),
  };
  // Otherwise whoever sets it would believe that it holds.
  if (!auth && requestsPerSecond > 0)
    throw new ConfigError('REQUESTS_PER_SECOND', '0 while AUTH is off, for it counts by the keys of callers; set AUTH=on', String(requestsPerSecond));
  return config;
}
