import { CODE_ID_PREFIX, type Logger, Refusal, ScheduleControl, ScheduleTicker } from '@app/core';
import { codeOrigin, LOGGER, PROJECT, type Project } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/** Sets the schedules in code, brings next ticks up to date with the time zone data of this process, and makes the jobs of schedules. */
@Injectable()
export class SchedulesService {
  constructor(
    private readonly control: ScheduleControl<EntityManager>,
    private readonly ticker: ScheduleTicker<EntityManager>,
    private readonly registry: HandlerRegistry,
    @Inject(PROJECT) private readonly project: Project,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const refreshed = await this.control.refreshZones();
    if (refreshed > 0)
      this.logger.info({ schedules: refreshed, zoneData: process.versions['tz'] }, 'the next ticks were worked out with the time zone data of this process');
    await this.putCode();
    this.ticker.start();
  }

  close(): Promise<void> {
    return this.ticker.close();
  }

  /** A schedule in code that cannot be set is logged: a gateway is not to be away because of it. */
  private async putCode(): Promise<void> {
    const schedules = this.registry.schedules().map(({ kind, settings }) => ({ id: `${CODE_ID_PREFIX}${kind}`, settings }));
    await this.control.putCode(codeOrigin(this.project), schedules, (id, error) => {
      const faults = error instanceof Refusal ? error.faults : [];
      this.logger.error({ err: error, schedule: id, faults }, 'a schedule in code could not be set');
    });
  }
}
