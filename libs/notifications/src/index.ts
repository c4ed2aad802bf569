/** Sends outcomes to callers, by webhook and e-mail. */
export { checkTelling, receiverFault } from './check-telling.js';
export { type EmailConfig, type NotificationsConfig, notificationsConfig, type WebhookConfig } from './notifications.config.js';
export { notificationKinds, type NotificationParts, NotificationsModule, startNotifications, type StartedNotifications } from './notifications.module.js';
export { newWebhookSecret, isWebhookSecret } from './webhooks/webhook-secret.js';
export { signingSecrets } from './webhooks/deliver-webhook.js';
export { ReplayDeliveries } from './webhooks/replay-deliveries.js';
