import type { ModuleMetadata, Provider, Type } from '@nestjs/common';
import type { Handles } from '../job-handler.decorator.js';

/** A class with `@JobHandler`. */
export type JobClass = Type<Handles<never, unknown>>;

/** What a project tells Longhaul: its jobs, and what they need. */
export interface LonghaulConfig {
  /** The handler classes; by kind where typed callers shall know them (`new Longhaul<typeof config.jobs>()`). */
  jobs: readonly JobClass[] | Readonly<Record<string, JobClass>>;
  /** Modules whose exported providers handlers may take in their constructors. Made in processes that run jobs only. */
  imports?: NonNullable<ModuleMetadata['imports']>;
  /** Providers that handlers may take, beside those of `imports`. */
  providers?: Provider[];
  /** The name of the service: `service` in each line of its logs. */
  name?: string;
}

/** The default export of `longhaul.config.ts`. Gives back what it gets; it is there for the types. */
export function defineConfig<const Config extends LonghaulConfig>(config: Config): Config {
  return config;
}
