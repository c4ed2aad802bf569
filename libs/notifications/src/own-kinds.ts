import { BulkJob, EraseJob, LettersJob, RekeyJob } from '@app/host';
import { CHANNELS } from './channel-list.js';
import { WebhookJob } from './webhooks/webhook.job.js';

/** The kinds of Longhaul's own jobs, most of which send outcomes to callers. Every process that runs jobs has them. */
export const ownKinds = [WebhookJob, RekeyJob, BulkJob, LettersJob, EraseJob, ...CHANNELS.map(({ kind }) => kind)] as const;
