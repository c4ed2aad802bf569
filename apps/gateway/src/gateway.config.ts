import { QUEUE_PATTERN, type RetentionLimits } from '@app/core';
import {
  ConfigError,
  Environment,
  listensWith,
  type OidcConfig,
  oidcConfig,
  type PairFiles,
  type RightsConfig,
  rightsConfig,
  type RuntimeConfig,
  runtimeConfig,
} from '@app/host';
import { type AdmissionConfig, admissionConfig } from './submissions/admission.config.js';
import { type BoundsConfig, boundsConfig } from './http/bounds.config.js';
import { type EventsConfig, eventsConfig } from './events/events.config.js';
import { type OriginsConfig, originsConfig } from './http/origins.config.js';
import { type RatesConfig, ratesConfig } from './rights/rates.config.js';
import { reasonsConfig } from './rights/reasons.config.js';
import { type Producers, producersConfig } from './submissions/amqp/producers.js';
import { type TrustedProxies, trustedProxies } from './http/trusted-proxies.js';

export interface GatewayConfig extends RuntimeConfig {
  port: number;
  /** Null without TLS. */
  tls: PairFiles | null;
  /** The limit of a JSON body and of an AMQP submission, in bytes. */
  maxBodyBytes: number;
  /** Queues that exist in addition to those of the kinds. */
  declaredQueues: string[];
  admission: AdmissionConfig;
  origins: OriginsConfig;
  proxies: TrustedProxies | null;
  rights: RightsConfig;
  /** With whose accounts people sign in to the console; null: with keys alone. */
  oidc: OidcConfig | null;
  /** Whose messages are. */
  producers: Producers;
  rates: RatesConfig;
  /** The acts that are refused without a reason. */
  reasonsRequired: ReadonlySet<string>;
  bounds: BoundsConfig;
  events: EventsConfig;
  retention: RetentionLimits;
  /** How long files are kept, in seconds; null for ever. */
  fileSeconds: number | null;
}

export function gatewayConfig(values: NodeJS.ProcessEnv): GatewayConfig {
  const env = new Environment(values);
  const runtime = runtimeConfig(env);
  const rights = rightsConfig(env, runtime.host);
  return Object.freeze({
    ...runtime,
    port: env.integer('PORT', 0, 65_535, 3_000),
    tls: listensWith(env),
    maxBodyBytes: env.integer('MAX_BODY_BYTES', 1_024, 128 * 1024 * 1024, 1024 * 1024),
    origins: originsConfig(env, runtime.host),
    proxies: trustedProxies(env),
    rights,
    oidc: oidcConfig(env, runtime.web.publicUrl, runtime.host),
    producers: producersConfig(env, rights.auth),
    rates: ratesConfig(env, rights.auth),
    reasonsRequired: reasonsConfig(env),
    declaredQueues: env.list('QUEUES', QUEUE_PATTERN),
    admission: admissionConfig(env, runtime.broker),
    bounds: boundsConfig(env),
    events: eventsConfig(env),
    retention: retentionLimits(env, runtime.keySeconds),
    fileSeconds: hoursOf(env, 'RETENTION_FILES_HOURS', 30 * 24),
  });
}

/** Converts hours to seconds; null for 0, which means for ever. */
function hoursOf(env: Environment, variable: string, hours: number): number | null {
  const value = env.integer(variable, 0, 100 * 365 * 24, hours) * 3_600;
  return value === 0 ? null : value;
}

/** An idempotency key answers with its job, so a job must be kept at least as long as its key. */
function retentionLimits(env: Environment, keySeconds: number): RetentionLimits {
  const seconds = (variable: string, hours: number): number | null => {
    const value = hoursOf(env, variable, hours);
    if (value !== null && value < keySeconds)
      throw new ConfigError(variable, `0, or as many hours as IDEMPOTENCY_SECONDS (${keySeconds}) at least`, String(value / 3_600));
    return value;
  };
  return {
    succeededSeconds: seconds('RETENTION_HOURS', 7 * 24),
    failedSeconds: seconds('RETENTION_FAILED_HOURS', 30 * 24),
    letterSeconds: hoursOf(env, 'RETENTION_LETTERS_HOURS', 30 * 24),
    statsSeconds: hoursOf(env, 'RETENTION_STATS_HOURS', 48),
  };
}
