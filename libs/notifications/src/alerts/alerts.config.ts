import { ALERT_RULES } from '@app/core';
import { ConfigError, type Environment } from '@app/host';

/** Of what webhook endpoints that ask for it, and the addresses of channels, are told. */
export interface AlertsConfig {
  /** Codes of `GET /doctor`. */
  rules: ReadonlySet<string>;
  /** What is wrong for less is not told. */
  afterSeconds: number;
}

export function alertsConfig(env: Environment): AlertsConfig {
  const { all, usual } = ALERT_RULES;
  const rules = env.list('ALERT_RULES', /^[a-z_]+$/);
  const unknown = rules.find((rule) => !all.includes(rule));
  if (unknown !== undefined) throw new ConfigError('ALERT_RULES', `rules of GET /doctor: ${all.join(', ')}`, unknown);
  return { rules: new Set(rules.length > 0 ? rules : usual), afterSeconds: env.integer('ALERT_AFTER_SECONDS', 0, 86_400, 30) };
}
