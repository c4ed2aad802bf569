import { UsageError } from './usage.js';

/** The options of an invocation, by their names. */
type Values = Readonly<Record<string, unknown>>;

/** Whose things `--tenant` lets a key for all tenants see: as a member of the query of a list. */
export function whose(values: Values): { tenant?: string } {
  const tenant = values['tenant'] as string | undefined;
  if (tenant === '') throw new UsageError('expected --tenant <name>, got no name');
  return tenant === undefined ? {} : { tenant };
}

/** The same as the query of a path. */
export function whoseQuery(values: Values): string {
  const { tenant } = whose(values);
  return tenant === undefined ? '' : `?tenant=${encodeURIComponent(tenant)}`;
}

/** What does not only look is for no tenant of the caller's choice. To leave the option out of account would do it to all of them. */
export function refuseWhose(command: string, action: string, values: Values, takes: readonly string[]): void {
  if (values['tenant'] === undefined || takes.includes(action)) return;
  throw new UsageError(`expected --tenant with ${takes.map((name) => `${command} ${name}`).join(' or ')}, got it with ${command} ${action}`);
}
