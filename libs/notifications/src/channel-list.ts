import type { ChannelFolder } from './channel.js';
import { emailChannel } from './email/email-channel.js';

/** The channels beside webhooks. Those are not in it, because they are more than a channel: callers see their endpoints and deliveries. */
export const CHANNELS: readonly ChannelFolder[] = [emailChannel];
