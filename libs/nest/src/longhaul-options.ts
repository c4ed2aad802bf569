import type { Logger } from '@app/core';
import { Environment, type RuntimeConfig, runtimeConfig } from '@app/host';
import type { Handles } from '@app/sdk';
import { type ConfigurableModuleAsyncOptions, ConfigurableModuleBuilder, type Type } from '@nestjs/common';

export type HandlerClass = Type<Handles<never, unknown>>;

export interface RunOptions {
  /** Jobs that run at once, of one queue with a broker, in all without. 10 by default. */
  concurrency?: number;
  /** The queues to take from; all by default. */
  queues?: string[];
}

export interface LonghaulOptions {
  /** Handlers that need nothing but what is global; others come with `LonghaulModule.forFeature` in a module that has what they need. */
  jobs?: readonly HandlerClass[];
  /** Where Longhaul's own tables are: a PostgreSQL URL, the schema (`longhaul` by default), and how many connections handlers get here. */
  database: { url: string; schema?: string; pool?: number };
  /** RabbitMQ, which the gateways use too; `none` where there is no RabbitMQ. */
  broker: { url: string } | 'none';
  /**
   * Runs jobs in this process. Without it the process only submits, and keeps no connection to RabbitMQ. No child processes are started: isolated
   * kinds are refused at the start, and a job that has crashed the process fails at its next attempt (`needs_isolation`) instead of crashing it again.
   */
  run?: boolean | RunOptions;
  /** Other settings by the names of the environment's variables, such as `LEASE_SECONDS`. The environment itself is not read. */
  settings?: Record<string, string>;
  logger?: Logger;
}

/** What `forRootAsync` takes. */
export type LonghaulModuleAsyncOptions = ConfigurableModuleAsyncOptions<LonghaulOptions>;

export const { ConfigurableModuleClass: ConfigurableLonghaulModule, MODULE_OPTIONS_TOKEN: OPTIONS } = new ConfigurableModuleBuilder<LonghaulOptions>({
  moduleName: 'Longhaul',
})
  .setClassMethodName('forRoot')
  .build();

/** Throws a `ConfigError` that names what is wrong. */
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
