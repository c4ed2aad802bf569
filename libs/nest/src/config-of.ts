import { Environment, type RuntimeConfig, runtimeConfig } from '@app/host';
import type { LonghaulOptions, RunOptions } from './longhaul-options.js';

// Apart from the options, whose types are packed with all that they name.
/** Makes the configuration. Throws a `ConfigError` that names the wrong setting. */
export function configOf({ database, broker, run, settings = {} }: LonghaulOptions): RuntimeConfig {
  const { concurrency, queues }: RunOptions = typeof run === 'object' ? run : {};
  return runtimeConfig(
    new Environment({
      ...settings,
      DATABASE_URL: database.url,
      ...(database.schema === undefined ? {} : { LONGHAUL_SCHEMA: database.schema }),
      ...(database.pool === undefined ? {} : { DATABASE_POOL: String(database.pool) }),
      ...(broker === 'none' ? { LONGHAUL_BROKER: 'none' } : { LONGHAUL_BROKER: 'rabbitmq', AMQP_URL: broker.url }),
      ...(concurrency === undefined ? {} : { WORKER_CONCURRENCY: String(concurrency) }),
      ...(queues === undefined ? {} : { WORKER_QUEUES: queues.join(',') }),
    }),
  );
}
