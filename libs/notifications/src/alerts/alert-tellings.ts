import { ALL_TENANTS, type Alert, DEFAULT_TENANT, uuidv7, type WebhookEndpoint, writeJson } from '@app/core';
import type { Telling, ToldAlert } from '../channel.js';
import type { NotificationsConfig } from '../notifications.config.js';
import { shortDigest } from '../short-digest.js';
import { deliveryRequest } from '../webhooks/webhook-channel.js';

export type AlertConfig = Pick<NotificationsConfig, 'publicUrl' | 'webhooks' | 'channels'>;

/** `alert.opened`, and `alert.ended` of one that has ended. */
function alertEvent({ endedAt }: Pick<Alert, 'endedAt'>): 'alert.opened' | 'alert.ended' {
  return endedAt === null ? 'alert.opened' : 'alert.ended';
}

/** Whether an endpoint wants alerts: it names one of their events. One without any event gets those of jobs. */
export function wantsAlerts({ events }: Pick<WebhookEndpoint, 'events'>): boolean {
  return events.some((event) => event.startsWith('alert.'));
}

/** All that tells of an alert, which is the whole installation's and of no tenant: a webhook for each endpoint that names its event, and a job for each address of a channel. */
export function alertTellings(alert: Alert, endpoints: readonly WebhookEndpoint[], config: AlertConfig): Telling[] {
  const type = alertEvent(alert);
  const told = toldAlert(alert, config);
  const body = writeJson({ type, timestamp: told.endedAt ?? told.openedAt, data: told });
  const webhooks = endpoints
    // Only who is for all tenants can have named it; of a tenant's it is not looked at.
    .filter(({ events, tenant }) => events.includes(type) && (tenant === ALL_TENANTS || tenant === DEFAULT_TENANT))
    .map(({ id: endpointId, url }): Telling => {
      const id = uuidv7();
      return {
        request: deliveryRequest(id, ALL_TENANTS, config.webhooks),
        delivery: { id, webhookId: `msg_${shortDigest(`${alert.id} ${type} ${endpointId}`)}`, endpointId, jobId: null, type, url, body, tenant: ALL_TENANTS },
      };
    });
  const forPeople = { ...told, link: absolute(screenOf(alert.link), config) };
  const others = Object.values(config.channels).flatMap(({ alertsTo, tellAlert }) => alertsTo.map((to) => ({ request: tellAlert(forPeople, type, to) })));
  return [...webhooks, ...others];
}

/** The console's page that shows what a path of the API answers. */
function screenOf(link: string): string {
  return /^\/(jobs|queues|workers|schedules|dead-letters)\b/.test(link) ? `/console${link}` : '/console/';
}

/** PUBLIC_URL with a path; the path alone where there is none. */
function absolute(path: string, { publicUrl }: Pick<AlertConfig, 'publicUrl'>): string {
  return `${publicUrl ?? ''}${path}`;
}

/** An alert as webhooks tell it. */
function toldAlert({ id, rule, level, message, fix, link, openedAt, endedAt }: Alert, config: AlertConfig): ToldAlert {
  return {
    ...{ id, rule, level, message, fix },
    link: absolute(link, config),
    openedAt: openedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}
