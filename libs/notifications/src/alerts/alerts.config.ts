import { ALERT_RULES } from '@app/core';
import { ConfigError, type Environment } from '@app/host';

/** Who is told of what is not well, beside the webhook endpoints that ask for it. */
export interface AlertsConfig {
  emails: readonly string[];
  /** Codes of `GET /doctor`. */
  rules: ReadonlySet<string>;
  /** What is wrong for less is not told. */
  afterSeconds: number;
}

/** `emailFault`: what is wrong with an address; undefined for one that e-mail goes to. */
export function alertsConfig(env: Environment, emailFault: ((to: string) => string | undefined) | undefined): AlertsConfig {
  const emails = env.list('ALERT_EMAILS', /^[^\s@]+@[^\s@]+$/);
  for (const email of emails) {
    const fault = emailFault?.(email);
    if (fault !== undefined) throw new ConfigError('ALERT_EMAILS', 'addresses that e-mail may go to', `${email}, which ${fault}`);
  }
  const { all, usual } = ALERT_RULES;
  const rules = env.list('ALERT_RULES', /^[a-z_]+$/);
  const unknown = rules.find((rule) => !all.includes(rule));
  if (unknown !== undefined) throw new ConfigError('ALERT_RULES', `rules of GET /doctor: ${all.join(', ')}`, unknown);
  return { emails, rules: new Set(rules.length > 0 ? rules : usual), afterSeconds: env.integer('ALERT_AFTER_SECONDS', 0, 86_400, 30) };
}
