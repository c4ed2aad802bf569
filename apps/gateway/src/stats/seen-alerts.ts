import type { AlertPage, AlertView } from '@app/contracts';
import { type AlertFilter, type ListedAlert, publicPath } from '@app/core';
import { Store } from '@app/host';
import { AlertTeller, NOTIFICATIONS_CONFIG, type NotificationsConfig } from '@app/notifications';
import { Inject, Injectable } from '@nestjs/common';
import { pageOf } from '../http/page-of.js';

/** Alerts as callers see them. */
@Injectable()
export class SeenAlerts {
  constructor(
    private readonly store: Store,
    private readonly teller: AlertTeller,
    @Inject(NOTIFICATIONS_CONFIG) private readonly config: Pick<NotificationsConfig, 'alerts'>,
  ) {}

  async page(filter: AlertFilter): Promise<AlertPage> {
    const { alerts } = this.config;
    const [found, told] = await Promise.all([this.store.alerts.list(alerts.afterSeconds, { ...filter, limit: filter.limit + 1 }), this.teller.wanted()]);
    const { items, nextCursor } = pageOf(found, filter.limit, ({ id }) => id);
    return { items: items.map(alertView), nextCursor, told };
  }
}

function alertView({ id, rule, level, message, fix, link, openedAt, toldAt, endedAt }: ListedAlert): AlertView {
  return {
    ...{ id, rule, level, message, fix },
    link: publicPath(link),
    openedAt: openedAt.toISOString(),
    toldAt: toldAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  };
}
