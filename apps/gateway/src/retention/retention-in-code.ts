import { keptTimesFaults, type Logger } from '@app/core';
import { codeOrigin, CONFIG, LOGGER, PROJECT, type Project, Store } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Inject, Injectable } from '@nestjs/common';
import type { GatewayConfig } from '../gateway.config.js';

/**
 * Stores how long jobs are kept as the code of their kinds says, at the start: before this process removes any, and for gateways that do not know the kinds. A time that cannot be
 * set is logged: a gateway is not to be away because of it. Without its database it does not start, for it would remove what the code keeps.
 */
@Injectable()
export class RetentionInCode {
  constructor(
    private readonly store: Store,
    private readonly registry: HandlerRegistry,
    @Inject(PROJECT) private readonly project: Project,
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const kinds = this.registry.retention().filter(({ kind, times }) => {
      const faults = keptTimesFaults({ ...times }, this.config.keySeconds);
      if (faults.length > 0) this.logger.error({ kind, faults }, 'the retention of a kind in code could not be set');
      return faults.length === 0;
    });
    await this.store.retentionRules.putCode(codeOrigin(this.project), kinds);
  }
}
