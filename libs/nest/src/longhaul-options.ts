import type { Logger } from '@app/core';
import type { Handles } from '@app/sdk';
import { type ConfigurableModuleAsyncOptions, ConfigurableModuleBuilder, type Type } from '@nestjs/common';

export type HandlerClass = Type<Handles<never, unknown>>;

export interface RunOptions {
  /** The number of jobs that run at once: of each queue with a broker, in all without one. Default: 10. */
  concurrency?: number;
  /** The queues whose jobs run here. Default: all. */
  queues?: string[];
}

export interface LonghaulOptions {
  /** Handlers that need only global providers. Add others with `LonghaulModule.forFeature` to a module that has their dependencies. */
  jobs?: readonly HandlerClass[];
  /** The database of Longhaul's own tables: a PostgreSQL URL, the schema (default: `longhaul`), and the number of connections for handlers. */
  database: { url: string; schema?: string; pool?: number };
  /** The RabbitMQ that the gateways use too; `none` without RabbitMQ. */
  broker: { url: string } | 'none';
  /**
   * Runs jobs in this process. Without it the process only submits, and keeps no connection to RabbitMQ. No child processes are started: isolated
   * kinds are refused at the start, and a job that has crashed the process fails at its next attempt (`needs_isolation`) instead of crashing it again.
   */
  run?: boolean | RunOptions;
  /** Other settings, by the names of their environment variables, such as `LEASE_SECONDS`. The environment itself is not read. */
  settings?: Record<string, string>;
  logger?: Logger;
}

/** The argument of `forRootAsync`. */
export type LonghaulModuleAsyncOptions = ConfigurableModuleAsyncOptions<LonghaulOptions>;

export const { ConfigurableModuleClass: ConfigurableLonghaulModule, MODULE_OPTIONS_TOKEN: OPTIONS } = new ConfigurableModuleBuilder<LonghaulOptions>({
  moduleName: 'Longhaul',
})
  .setClassMethodName('forRoot')
  .build();
