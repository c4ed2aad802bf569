import { type Logger, systemClock } from '@app/core';
import { CONFIG, JwtTokens, LOGGER, OidcProvider, Principals, Store } from '@app/host';
import { Inject, Injectable, Module } from '@nestjs/common';
import type { GatewayConfig } from '../gateway.config.js';
import { BoundsModule } from '../http/bounds.module.js';
import { AuditController } from './audit.controller.js';
import { Doorkeeper } from './doorkeeper.js';
import { BrowserSessions } from './browser-sessions.js';
import { KeysController } from './keys.controller.js';
import { OidcController } from './oidc.controller.js';
import { RequestRate } from './request-rate.js';
import { SessionController } from './session.controller.js';
import { SessionsController } from './sessions.controller.js';
import { SignIns } from './sign-ins.js';
import { StreamTicketsController } from './stream-tickets.controller.js';
import { StreamTickets } from './stream-tickets.js';

/** The core does not know Nest: this has a constructor that Nest can call. It looks for revocations only where keys are needed. */
@Injectable()
export class WiredPrincipals extends Principals {
  constructor(
    private readonly store: Store,
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    super(store.keys, store.sessions, systemClock, store.time, logger);
  }

  override async start(): Promise<void> {
    const { auth, bootstrapKeyHash } = this.config.rights;
    if (bootstrapKeyHash !== null) await this.store.keys.bootstrap(bootstrapKeyHash);
    if (auth) await super.start();
  }
}

/** Reads the keys of the identity provider only where credentials are needed. */
@Injectable()
export class WiredTokens extends JwtTokens {
  constructor(
    store: Store,
    @Inject(CONFIG) private readonly gateway: GatewayConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    super(gateway.rights.jwt, systemClock, store.time, logger);
  }

  override async start(): Promise<void> {
    if (this.gateway.rights.auth) await super.start();
  }
}

/** Knows the identity provider of people only where credentials are needed. */
@Injectable()
export class WiredProvider extends OidcProvider {
  constructor(store: Store, @Inject(CONFIG) { oidc, rights }: GatewayConfig, @Inject(LOGGER) logger: Logger) {
    super(rights.auth ? oidc : null, systemClock, store.time, logger);
  }
}

@Module({
  imports: [BoundsModule],
  controllers: [SessionController, OidcController, SessionsController, KeysController, AuditController, StreamTicketsController],
  providers: [
    { provide: Principals, useClass: WiredPrincipals },
    { provide: JwtTokens, useClass: WiredTokens },
    { provide: OidcProvider, useClass: WiredProvider },
    SignIns,
    BrowserSessions,
    RequestRate,
    StreamTickets,
    Doorkeeper,
  ],
  exports: [Principals, JwtTokens, OidcProvider, Doorkeeper],
})
export class RightsModule {}
