import { durationMs, LIMITS } from '@app/core';
import { ConfigError, type Environment, publicUrl as readPublicUrl } from '@app/host';
import { type AddressPolicy, addressPolicy, AddressPolicyError } from '@app/sdk';
import { type AlertsConfig, alertsConfig } from './alerts/alerts.config.js';
import type { ChannelFolder, ConfiguredChannel } from './channel.js';
import { CHANNELS } from './channel-list.js';
import { isWebhookSecret } from './webhooks/webhook-secret.js';

export const NOTIFICATIONS_CONFIG = Symbol('notifications config');

export interface WebhookConfig {
  policy: AddressPolicy;
  requireHttps: boolean;
  /** Milliseconds before each retry. There is one attempt more than entries. */
  scheduleMs: readonly number[];
  timeoutMs: number;
  /** The secrets for callback URLs; each makes a signature. When empty, a secret in the database is used. */
  callbackSecrets: readonly string[];
}

export interface NotificationsConfig {
  /** The URL of the gateway for its callers, without a slash at the end. */
  publicUrl: string | null;
  webhooks: WebhookConfig;
  alerts: AlertsConfig;
  /** The channels beside webhooks, by name, each with the configuration that its folder has read. */
  channels: Readonly<Record<string, ConfiguredChannel & Pick<ChannelFolder, 'kind'>>>;
}

/** The example schedule of Standard Webhooks 1.0.0: 75 h 35 min in all. */
export const STANDARD_SCHEDULE = '5s,5m,30m,2h,5h,10h,14h,20h,24h';

/** Reads the configuration. Throws a `ConfigError` that names the wrong variable. */
export function notificationsConfig(env: Environment, values: NodeJS.ProcessEnv = process.env): NotificationsConfig {
  const publicUrl = readPublicUrl(env)?.href ?? null;
  const channels = Object.fromEntries(CHANNELS.map(({ name, kind, configure }) => [name, { kind, ...configure(env, publicUrl) }]));
  return Object.freeze({
    publicUrl,
    alerts: alertsConfig(env),
    webhooks: {
      policy: policyOf(values),
      requireHttps: env.flag('WEBHOOK_REQUIRE_HTTPS'),
      scheduleMs: scheduleOf(env.text('WEBHOOK_SCHEDULE', STANDARD_SCHEDULE)),
      timeoutMs: env.integer('WEBHOOK_TIMEOUT_SECONDS', 1, 60, 20) * 1_000,
      callbackSecrets: secretsOf(env.text('WEBHOOK_SECRET', '')),
    },
    channels,
  });
}

function policyOf(values: NodeJS.ProcessEnv): AddressPolicy {
  try {
    return addressPolicy(values, 'WEBHOOK');
  } catch (error) {
    throw error instanceof AddressPolicyError ? new ConfigError(error.variable, error.expected, error.got) : error;
  }
}

function scheduleOf(text: string): number[] {
  try {
    const delays = text.split(',').map((delay) => durationMs(delay.trim(), 'WEBHOOK_SCHEDULE'));
    if (delays.length < LIMITS.maxAttempts && delays.every((ms) => ms <= LIMITS.delayMs)) return delays;
  } catch {
    // The throw below reports the fault.
  }
  throw new ConfigError('WEBHOOK_SCHEDULE', 'a comma list of durations such as 5s,5m,2h, each of ten years at most', text);
}

/** Reads secrets. An error message never repeats them. */
function secretsOf(text: string): string[] {
  const secrets = text.split(/[\s,]+/).filter((secret) => secret !== '');
  if (!secrets.every(isWebhookSecret)) throw new ConfigError('WEBHOOK_SECRET', 'whsec_ and 24 to 64 bytes in base64, or several of those', 'another text');
  return secrets;
}
