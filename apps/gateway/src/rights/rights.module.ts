import { type Logger, systemClock } from '@app/core';
import { CONFIG, LOGGER, Principals, Store } from '@app/host';
import { Inject, Injectable, Module } from '@nestjs/common';
import type { GatewayConfig } from '../gateway.config.js';
import { BoundsModule } from '../http/bounds.module.js';
import { AuditController } from './audit.controller.js';
import { Doorkeeper } from './doorkeeper.js';
import { KeysController } from './keys.controller.js';
import { SessionController } from './session.controller.js';

/** The core does not know Nest: this has a constructor that Nest can call. It looks for revocations only where keys are needed. */
@Injectable()
export class WiredPrincipals extends Principals {
  constructor(
    private readonly store: Store,
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    super(store.keys, systemClock, store.time, logger);
  }

  override async start(): Promise<void> {
    const { auth, bootstrapKeyHash } = this.config.rights;
    if (bootstrapKeyHash !== null) await this.store.keys.bootstrap(bootstrapKeyHash);
    if (auth) await super.start();
  }
}

@Module({
  imports: [BoundsModule],
  controllers: [SessionController, KeysController, AuditController],
  providers: [{ provide: Principals, useClass: WiredPrincipals }, Doorkeeper],
  exports: [Principals, Doorkeeper],
})
export class RightsModule {}
