import { Admission, AlertWatch, type Logger, StatsFeed, systemClock } from '@app/core';
import { LOGGER, Store } from '@app/host';
import { AlertTeller, NOTIFICATIONS_CONFIG, type NotificationsConfig } from '@app/notifications';
import { Inject, Injectable, type Provider } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Wakes } from '../events/wakes.js';
import { GatewayService } from '../modes/gateway.service.js';
import { WholeLook } from './whole-look.js';

/** The figures, by what this gateway knows of its mode and its load. */
@Injectable()
export class WiredStatsFeed extends StatsFeed {
  constructor(store: Store, mode: GatewayService, admission: Admission, wakes: Wakes, @Inject(LOGGER) logger: Logger) {
    super({
      reader: store.stats,
      ping: () => store.ping(),
      broker: () => mode.brokerState,
      brokerReason: () => mode.brokerReason,
      exceeded: () => admission.exceeded(),
      clock: systemClock,
      time: store.time,
      logger,
    });
    wakes.listen(() => this.nudge());
  }
}

/** Tells operators of what this gateway finds. */
@Injectable()
export class WiredAlertWatch extends AlertWatch<EntityManager> {
  constructor(look: WholeLook, store: Store, teller: AlertTeller, @Inject(NOTIFICATIONS_CONFIG) config: NotificationsConfig, @Inject(LOGGER) logger: Logger) {
    super({
      standing: () => look.now(),
      alerts: store.alerts,
      wanted: () => teller.wanted(),
      tell: (alerts, transaction) => teller.tell(alerts, transaction),
      clock: systemClock,
      logger,
      config: config.alerts,
    });
  }
}

export const statsProviders: Provider[] = [{ provide: StatsFeed, useClass: WiredStatsFeed }, WholeLook, { provide: AlertWatch, useClass: WiredAlertWatch }];
