import { domainToASCII } from 'node:url';
import { durationMs, LIMITS } from '@app/core';
import { ConfigError, type Environment, publicUrl as readPublicUrl } from '@app/host';
import { type AddressPolicy, addressPolicy, AddressPolicyError } from '@app/sdk';
import { isWebhookSecret } from './webhooks/webhook-secret.js';

export interface WebhookConfig {
  policy: AddressPolicy;
  requireHttps: boolean;
  /** Milliseconds before each retry; one more attempt than entries. */
  scheduleMs: readonly number[];
  timeoutMs: number;
  /** Of callback URLs: each signs. Empty: one that the database keeps. */
  callbackSecrets: readonly string[];
}

export interface EmailConfig {
  smtpUrl: string;
  from: string;
  /** A folder with `subject.txt`, `text.txt` or `html.html` in place of the built-in ones. */
  templates: string | null;
  /** Where e-mails may go: a domain, or with `*.` before it whatever lies below it. Empty for everywhere. */
  allowDomains: readonly string[];
  /** Whether the text of a job's error is sent. It may say what only operators should read, and a caller may have chosen it. */
  errorText: boolean;
  /** To one address. */
  perHour: number;
}

export interface NotificationsConfig {
  /** The gateway as its callers see it, without a slash at the end. */
  publicUrl: string | null;
  webhooks: WebhookConfig;
  /** Null: no e-mail is sent, and asking for one is refused. */
  email: EmailConfig | null;
}

/** As Standard Webhooks 1.0.0 gives it for an example: 75 h 35 min in all. */
export const STANDARD_SCHEDULE = '5s,5m,30m,2h,5h,10h,14h,20h,24h';

/** Throws a `ConfigError` that names the variable. */
export function notificationsConfig(env: Environment, values: NodeJS.ProcessEnv = process.env): NotificationsConfig {
  const publicUrl = readPublicUrl(env)?.href ?? null;
  return Object.freeze({
    publicUrl,
    webhooks: {
      policy: policyOf(values),
      requireHttps: env.flag('WEBHOOK_REQUIRE_HTTPS'),
      scheduleMs: scheduleOf(env.text('WEBHOOK_SCHEDULE', STANDARD_SCHEDULE)),
      timeoutMs: env.integer('WEBHOOK_TIMEOUT_SECONDS', 1, 60, 20) * 1_000,
      callbackSecrets: secretsOf(env.text('WEBHOOK_SECRET', '')),
    },
    email: emailConfig(env, publicUrl),
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
    // Told below.
  }
  throw new ConfigError('WEBHOOK_SCHEDULE', 'a comma list of durations such as 5s,5m,2h, each of ten years at most', text);
}

/** Not repeated in the message. */
function secretsOf(text: string): string[] {
  const secrets = text.split(/[\s,]+/).filter((secret) => secret !== '');
  if (!secrets.every(isWebhookSecret)) throw new ConfigError('WEBHOOK_SECRET', 'whsec_ and 24 to 64 bytes in base64, or several of those', 'another text');
  return secrets;
}

function asciiDomain(domain: string): string {
  return domain.startsWith('*.') ? `*.${domainToASCII(domain.slice(2))}` : domainToASCII(domain);
}

function emailConfig(env: Environment, publicUrl: string | null): EmailConfig | null {
  if (env.text('SMTP_URL', '') === '') return null;
  const smtpUrl = env.url('SMTP_URL', ['smtp', 'smtps'], '');
  const from = env.text('EMAIL_FROM', '');
  if (!/^[^\r\n]*@[^\r\n]*$/.test(from))
    throw new ConfigError('EMAIL_FROM', 'an address such as Longhaul <jobs@example.com>, because SMTP_URL is set', from || undefined);
  if (publicUrl === null) throw new ConfigError('PUBLIC_URL', 'set, because SMTP_URL is: e-mails link to it', undefined);
  return {
    smtpUrl,
    from,
    templates: env.text('EMAIL_TEMPLATES', '') || null,
    allowDomains: env.list('EMAIL_ALLOW_DOMAINS', /^([*][.])?[\p{L}\p{N}-]+([.][\p{L}\p{N}-]+)*$/u).map(asciiDomain),
    errorText: env.flag('EMAIL_ERROR_TEXT'),
    perHour: env.integer('EMAIL_PER_HOUR', 1, 100_000, 60),
  };
}
