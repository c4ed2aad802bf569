import { ApiProperty, ApiPropertyOptional } from './documented.js';
import { Count, Id, Link, LinkOptional, TextOrNull, Time, Whose } from './fields.js';
import { TERMINAL_STATES } from './job.js';
import { Refused } from './dead-letter.js';

export const ALERT_EVENTS = ['alert.opened', 'alert.ended'] as const;
export const WEBHOOK_EVENTS = [...TERMINAL_STATES.map((state) => `job.${state}`), ...ALERT_EVENTS];
export const DELIVERY_STATES = ['pending', 'succeeded', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export class EndpointLinks {
  @Link()
  self!: string;

  @Link({ description: 'What was sent to it' })
  deliveries!: string;
}

/** A registered receiver of outcomes. An empty filter matches everything. */
export class EndpointView {
  @Id()
  id!: string;

  @Whose() tenant?: string | null;

  @ApiProperty({ format: 'uri', example: 'https://example.com/hooks' })
  url!: string;

  @ApiProperty()
  description!: string;

  @ApiProperty({ type: 'array', items: { type: 'string', enum: WEBHOOK_EVENTS } })
  events!: string[];

  @ApiProperty({ type: [String], description: 'Kinds, or prefixes with .*', example: ['report.*'] })
  kinds!: string[];

  @ApiProperty({ type: [String], description: 'Jobs with one of them' })
  tags!: string[];

  @ApiProperty()
  enabled!: boolean;

  @Time({ nullable: true })
  disabledAt!: string | null;

  @TextOrNull()
  disabledReason!: string | null;

  @Count({ description: 'How many secrets sign now: more than one after a rotation' })
  secrets!: number;

  @Time()
  createdAt!: string;

  @ApiProperty({ type: () => EndpointLinks })
  links!: EndpointLinks;
}

/** A receiver with its secret. The secret is shown only in this answer. */
export class EndpointWithSecret extends EndpointView {
  @ApiProperty({ example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' })
  secret!: string;
}

/** All receivers. */
export class EndpointList {
  @ApiProperty({ type: () => [EndpointView] })
  items!: EndpointView[];
}

/** The beginning of a receiver's answer. */
export class ReceiverAnswer {
  @ApiProperty()
  contentType!: string;

  @ApiProperty({ description: 'At most 2,000 bytes' })
  body!: string;
}

/** One request to a receiver, with its result. */
export class DeliveryAttempt {
  @Time()
  at!: string;

  @ApiProperty({ format: 'uri' })
  url!: string;

  @ApiProperty({ minimum: 0 })
  durationMs!: number;

  @ApiPropertyOptional({ type: 'integer', description: 'Absent when there was no answer' })
  status?: number;

  @ApiPropertyOptional({ description: 'Why it does not count as delivered' })
  error?: string;

  @ApiPropertyOptional({ type: () => ReceiverAnswer })
  answer?: ReceiverAnswer;
}

/** Why a webhook was not delivered. */
export const WEBHOOK_FAILURES = ['address_refused', 'https_required', 'name_unknown', 'not_trusted', 'timeout', 'connection', 'status'] as const;

/** What came of a test event. */
export class WebhookTest {
  @ApiProperty({ description: 'The receiver answered 2xx' })
  delivered!: boolean;

  @ApiProperty({
    type: 'string',
    enum: WEBHOOK_FAILURES,
    nullable: true,
    description:
      'Null when it was delivered. `address_refused` and `https_required`: nothing was sent. `name_unknown`: DNS. `not_trusted`: TLS. `status`: it answered, with no 2xx',
  })
  reason!: (typeof WEBHOOK_FAILURES)[number] | null;

  @ApiProperty({ description: 'The `webhook-id` that was sent' })
  webhookId!: string;

  @ApiProperty({ type: () => DeliveryAttempt })
  attempt!: DeliveryAttempt;

  @ApiProperty({ description: 'The text that was signed and sent' })
  body!: string;
}

export class DeliveryLinks {
  @Link()
  self!: string;

  @Link()
  replay!: string;

  @LinkOptional({ description: 'The job that it tells of; not for an alert' })
  job?: string;

  @Link({ description: 'The job that delivers it' })
  deliveryJob!: string;

  @LinkOptional({ description: "Not where it goes to a job's own callback URL" })
  endpoint?: string;
}

/** The delivery of one outcome to one receiver, over all its attempts. */
export class DeliveryView {
  @Id()
  id!: string;

  @Whose() tenant?: string | null;

  @ApiProperty({ description: 'The `webhook-id`: the same in every attempt and replay' })
  webhookId!: string;

  @Id({ nullable: true, description: "Null for a job's own callback URL" })
  endpointId!: string | null;

  @Id({ nullable: true, description: 'The job that it tells of; null for an alert' })
  jobId!: string | null;

  @ApiProperty({ enum: WEBHOOK_EVENTS })
  type!: string;

  @ApiProperty({ format: 'uri' })
  url!: string;

  @ApiProperty({ enum: DELIVERY_STATES, enumName: 'DeliveryState' })
  state!: DeliveryState;

  @ApiProperty({ type: () => [DeliveryAttempt], description: 'Oldest first, the last 20' })
  attempts!: DeliveryAttempt[];

  @Time({ nullable: true })
  nextAttemptAt!: string | null;

  @Time()
  createdAt!: string;

  @Time({ nullable: true })
  finishedAt!: string | null;

  @ApiProperty({ type: () => DeliveryLinks })
  links!: DeliveryLinks;
}

/** A delivery with the text that is signed and sent. */
export class DeliveryDetail extends DeliveryView {
  @ApiProperty()
  body!: string;
}

/** One page of a list of deliveries. */
export class DeliveryPage {
  @ApiProperty({ type: () => [DeliveryView] })
  items!: DeliveryView[];

  @TextOrNull({ description: 'The `cursor` of the next page; null at the end' })
  nextCursor!: string | null;
}

/** What one event of the stream of webhooks tells. */
export class WebhooksNow {
  @ApiProperty({ type: () => [EndpointView], description: 'All receivers, oldest first' })
  endpoints!: EndpointView[];

  @ApiProperty({ type: () => DeliveryPage, description: 'The newest deliveries that fit' })
  deliveries!: DeliveryPage;
}

/** Which deliveries to send again: those that match every given criterion. */
export class ReplayFilter {
  @ApiPropertyOptional({ format: 'uuid' })
  endpoint?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  job?: string;

  @ApiPropertyOptional({ enum: DELIVERY_STATES, enumName: 'DeliveryState', default: 'failed' })
  state?: DeliveryState;

  @ApiPropertyOptional({ description: 'Made at or after this time: a date, or RFC 3339', example: '2026-01-31T08:00:00Z' })
  since?: string;

  @ApiPropertyOptional({ description: 'Made before this time', example: '2026-02-01' })
  until?: string;
}

/** How many of the matching deliveries are sent again, and which are not. */
export class Replayed {
  @Count()
  replayed!: number;

  @ApiProperty({ type: () => [Refused] })
  refused!: Refused[];
}
