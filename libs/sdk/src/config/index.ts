import type { ModuleMetadata, Provider, Type } from '@nestjs/common';
import type { Handles } from '../job-handler.decorator.js';

/** A class with `@JobHandler`. */
export type JobClass = Type<Handles<never, unknown>>;

/** The configuration of a project: its jobs, and the modules and providers that they need. */
export interface LonghaulConfig {
  /** The handler classes. An object names their kinds too, for typed callers (`new Longhaul<typeof config.jobs>()`). */
  jobs: readonly JobClass[] | Readonly<Record<string, JobClass>>;
  /** Modules whose exported providers handlers may take in their constructors. Only processes that run jobs load them. */
  imports?: NonNullable<ModuleMetadata['imports']>;
  /** Further providers that handlers may take in their constructors. */
  providers?: Provider[];
  /** The name of the service. Each line of its logs has it as `service`. */
  name?: string;
}

/** Makes the default export of `longhaul.config.ts`. It returns its argument unchanged and only adds the types. */
export function defineConfig<const Config extends LonghaulConfig>(config: Config): Config {
  return config;
}
