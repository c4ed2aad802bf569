import { ALL_TENANTS, DEFAULT_TENANT, Refusal, TENANT_PATTERN } from '@app/core';
import { ConfigError, type Environment } from '@app/host';

/** Which tenant the messages of an account of RabbitMQ are of. */
export interface Producers {
  /**
   * By the property `user_id`, which the broker has compared with the account of the connection, so nobody can write another's. Refuses a message without one,
   * or of an account that is not named. Where AUTH is off, everybody's are of the default tenant.
   */
  tenantOf(properties: object): string;
  /** The same for a letter of a message that nobody has accepted: of an unknown account it belongs to the whole installation. */
  tenantOfLetter(properties: object): string;
}

/** A user name of RabbitMQ may hold nearly anything; one with a comma or an equals sign cannot be named here. */
const ENTRY = /^[^=,]{1,255}=[^=]+$/;

/** Reads `AMQP_PRODUCERS`. Throws a `ConfigError`. */
export function producersConfig(env: Environment, auth: boolean): Producers {
  const tenants = new Map<string, string>();
  for (const entry of env.list('AMQP_PRODUCERS', ENTRY)) {
    const [user = '', tenant = ''] = entry.split('=').map((part) => part.trim());
    if (!TENANT_PATTERN.test(tenant)) throw new ConfigError('AMQP_PRODUCERS', `user=tenant, with a tenant that matches ${TENANT_PATTERN.source}`, entry);
    if (tenants.has(user)) throw new ConfigError('AMQP_PRODUCERS', 'each user once', entry);
    tenants.set(user, tenant);
  }
  // Otherwise whoever sets it would believe that it holds.
  if (!auth && tenants.size > 0) throw new ConfigError('AMQP_PRODUCERS', 'nothing while AUTH is off; set AUTH=on', [...tenants.keys()].join(','));
  return auth ? new KnownProducers(tenants) : ANYBODY;
}

const ANYBODY: Producers = { tenantOf: () => DEFAULT_TENANT, tenantOfLetter: () => DEFAULT_TENANT };

class KnownProducers implements Producers {
  constructor(private readonly tenants: ReadonlyMap<string, string>) {}

  tenantOf(properties: object): string {
    const { userId } = properties as { userId?: unknown };
    if (typeof userId !== 'string' || userId === '')
      throw new Refusal('unauthenticated', 'expected the property user_id, which says whose message it is, got none');
    const tenant = this.tenants.get(userId);
    if (tenant !== undefined) return tenant;
    throw new Refusal('unauthenticated', `expected a user_id that AMQP_PRODUCERS names, got: ${JSON.stringify(userId.slice(0, 100))}`);
  }

  tenantOfLetter(properties: object): string {
    const { userId } = properties as { userId?: unknown };
    return (typeof userId === 'string' ? this.tenants.get(userId) : undefined) ?? ALL_TENANTS;
  }
}
