/** Sends outcomes to callers, by webhook and by the channels of `channel-list.ts`. */
export { AlertTeller } from './alerts/alert-teller.js';
export { channelVariables } from './channel-variables.js';
export { channelsOf } from './channels.js';
export { receiverFault } from './webhooks/webhook-channel.js';
export { NOTIFICATIONS_CONFIG, type NotificationsConfig, notificationsConfig, type WebhookConfig } from './notifications.config.js';
export { ownKinds } from './own-kinds.js';
export { NotificationHandlersModule, NotificationsModule } from './notifications.module.js';
export { type NotificationParts, startNotifications, type StartedNotifications } from './start-notifications.js';
export { newWebhookSecret, isWebhookSecret } from './webhooks/webhook-secret.js';
export { signingSecrets } from './webhooks/deliver-webhook.js';
export { TellOutcomes } from './tell-outcomes.js';
export { WebhookSender } from './webhooks/webhook-sender.js';
export { ReplayDeliveries } from './webhooks/replay-deliveries.js';
export { TestEndpoint, type TestedEndpoint } from './webhooks/test-endpoint.js';
