import { Admission, type Logger, StatsFeed, systemClock } from '@app/core';
import { LOGGER, Store } from '@app/host';
import { Inject, Injectable, type Provider } from '@nestjs/common';
import { GatewayService } from '../modes/gateway.service.js';

/** The figures, by what this gateway knows of its mode and its load. */
@Injectable()
export class WiredStatsFeed extends StatsFeed {
  constructor(store: Store, mode: GatewayService, admission: Admission, @Inject(LOGGER) logger: Logger) {
    super({
      reader: store.stats,
      ping: () => store.ping(),
      broker: () => mode.brokerState,
      exceeded: () => admission.exceeded(),
      clock: systemClock,
      time: store.time,
      logger,
    });
  }
}

export const statsProviders: Provider[] = [{ provide: StatsFeed, useClass: WiredStatsFeed }];
