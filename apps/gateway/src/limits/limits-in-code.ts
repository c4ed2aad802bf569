import type { Logger } from '@app/core';
import { codeOrigin, LOGGER, PROJECT, type Project } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Inject, Injectable } from '@nestjs/common';
import { ChangeLimits } from './change-limits.js';
import { strictFaults } from './limit.dto.js';

/** Sets the limits that stand in code, at the start. What cannot be set is logged: a gateway is not to be away because of it. */
@Injectable()
export class LimitsInCode {
  constructor(
    private readonly changes: ChangeLimits,
    private readonly registry: HandlerRegistry,
    @Inject(PROJECT) private readonly project: Project,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const limits = this.registry.limits().filter(({ name, settings }) => {
      const faults = strictFaults(settings, this.registry);
      if (faults.length > 0) this.logger.error({ limit: name, faults }, 'a limit in code could not be set');
      return faults.length === 0;
    });
    try {
      const { taken } = await this.changes.putCode(codeOrigin(this.project), limits);
      for (const { name, origin } of taken)
        this.logger.error({ limit: name, origin }, 'a limit in code could not be set: its name stands in the code of another configuration');
    } catch (error) {
      this.logger.error({ err: error }, 'the limits in code could not be set');
    }
  }
}
