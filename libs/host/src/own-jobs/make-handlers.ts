import { Files, type HandlerRegistry, Jobs, LONGHAUL_DATA_SOURCE } from '@app/sdk';
import type { JobClass } from '@app/sdk/config';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { type createLogger, NestLogger } from '../logs/logger.js';
import { missingService } from './missing-service.js';
import type { LoadedConfig } from '../load-config.js';

/** Longhaul's own providers that handlers may inject. */
export interface OfOurs {
  jobs: Jobs;
  files: Files;
  dataSource: DataSource;
}

/** The container of the handlers that were made. */
export interface MadeHandlers {
  /** Closes the modules of the handlers, and logs their errors. Call it when no handler runs any more. */
  close(): Promise<void>;
}

interface HandlerParts {
  project: LoadedConfig;
  /** Handlers that are not in the configuration file, such as those of the debug kinds. */
  others: readonly JobClass[];
  registry: HandlerRegistry;
  ours: OfOurs;
  logger: ReturnType<typeof createLogger>;
}

@Module({})
class OfOursModule {
  static of({ jobs, files, dataSource }: OfOurs): DynamicModule {
    return {
      module: OfOursModule,
      global: true,
      providers: [
        { provide: Jobs, useValue: jobs },
        { provide: Files, useValue: files },
        { provide: LONGHAUL_DATA_SOURCE, useValue: dataSource },
      ],
      exports: [Jobs, Files, LONGHAUL_DATA_SOURCE],
    };
  }
}

@Module({})
class OwnJobsModule {
  static of({ project, others, ours }: HandlerParts): DynamicModule {
    return { module: OwnJobsModule, imports: [OfOursModule.of(ours), ...project.imports], providers: [...project.providers, ...project.jobs, ...others] };
  }
}

/**
 * Makes the handlers of this service in a container of their own, so that their modules and Longhaul's cannot shadow each other's
 * providers, guards or filters.
 */
export async function makeHandlers(parts: HandlerParts): Promise<MadeHandlers> {
  const { project, others, registry, logger } = parts;
  try {
    const container = await NestFactory.createApplicationContext(OwnJobsModule.of(parts), { logger: new NestLogger(logger), abortOnError: false });
    for (const handler of [...project.jobs, ...others]) registry.attach(handler, container.get<object>(handler));
    return { close: () => container.close().catch((error: unknown) => logger.error({ err: error }, 'the modules of the jobs could not be closed')) };
  } catch (error) {
    throw missingService(error, project.path) ?? error;
  }
}
