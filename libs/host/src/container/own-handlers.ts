import { Files, HandlerRegistry, Jobs, LONGHAUL_DATA_SOURCE } from '@app/sdk';
import type { JobClass } from '@app/sdk/config';
import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { LoadedConfig } from '../load-config.js';
import type { createLogger } from '../logs/logger.js';
import { type MadeHandlers, makeHandlers } from '../own-jobs/make-handlers.js';
import type { Part } from './lifecycle.js';
import { LOGGER, PROJECT } from './tokens.js';

export interface Project extends LoadedConfig {
  /** Kinds that are not in its file, such as the debug kinds. */
  others: readonly JobClass[];
}

/** Who sets what stands in a project's code. */
export function codeOrigin({ name = 'default' }: Pick<Project, 'name'>): string {
  return `code:${name}`;
}

/** The project's own handlers. They are made when the process starts, in a container of their own. */
@Injectable()
export class OwnHandlers implements Part {
  private made: MadeHandlers | undefined;

  constructor(
    private readonly registry: HandlerRegistry,
    private readonly jobs: Jobs,
    private readonly files: Files,
    @Inject(LONGHAUL_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(PROJECT) private readonly project: Project,
    @Inject(LOGGER) private readonly logger: ReturnType<typeof createLogger>,
  ) {}

  async start(): Promise<void> {
    const { registry, project, jobs, files, dataSource, logger } = this;
    this.made = await makeHandlers({ project, others: project.others, registry, ours: { jobs, files, dataSource }, logger });
  }

  async close(): Promise<void> {
    await this.made?.close();
  }
}
