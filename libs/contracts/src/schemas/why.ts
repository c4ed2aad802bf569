import { ApiExtraModels, ApiProperty, getSchemaPath } from './documented.js';
import { Count, EXAMPLE, Id, Link, LinkOptional, TextOrNull, Time } from './fields.js';
import { JOB_STATE, type JobState } from './job.js';

const LIMIT = 'partner.call/tenant:acme';

/** What a `WhyReason` says; `code` tells which of them it is. */
export const WHY_CODES = ['paused', 'scheduled', 'no_worker', 'broker_away', 'limit', 'rate', 'behind', 'published', 'running'] as const;
export type WhyCode = (typeof WHY_CODES)[number];

const Code = (code: WhyCode): PropertyDecorator => ApiProperty({ type: 'string', enum: [code] });
const Ahead = (of: string): PropertyDecorator => Count({ description: `Jobs ${of} that come before it`, example: 230 });
const AheadIsExact = (): PropertyDecorator => ApiProperty({ description: 'False where there are more than 10,000: `ahead` is then put together of counts' });

/** Its queue or its kind is paused. */
export class WhyPaused {
  @Code('paused')
  code!: 'paused';

  @ApiProperty({ enum: ['queue', 'kind'] })
  what!: 'queue' | 'kind';

  @ApiProperty({ description: 'Of the queue or the kind', example: EXAMPLE.queue })
  name!: string;

  @Time()
  since!: string;

  @TextOrNull({ description: 'Who has paused it, if that was said' })
  by!: string | null;

  @TextOrNull({ description: 'Why, if that was said' })
  reason!: string | null;
}

/** Its time has not come. */
export class WhyScheduled {
  @Code('scheduled')
  code!: 'scheduled';

  @Time()
  until!: string;

  @ApiProperty({
    enum: ['delay', 'backoff', 'snooze', 'unknown_kind'],
    description:
      '`delay`: its submission said so. `backoff`: an attempt has failed. `snooze`: its handler said so. `unknown_kind`: a worker did not know its kind',
  })
  by!: 'delay' | 'backoff' | 'snooze' | 'unknown_kind';

  @Count({ minimum: 1, description: 'The number of the attempt that is to come' })
  attempt!: number;
}

/** No live worker takes its queue, or none has as many slots as it needs. */
export class WhyNoWorker {
  @Code('no_worker')
  code!: 'no_worker';

  @ApiProperty({ example: EXAMPLE.queue })
  queue!: string;

  @Count({ description: 'Live workers that take its queue' })
  workers!: number;

  @Count({ minimum: 1, description: 'Slots of a worker that it takes' })
  needsSlots!: number;

  @Count({ nullable: true, description: 'Slots of the largest of these workers; null without any' })
  largestWorker!: number | null;
}

/** This gateway has no connection to RabbitMQ, or RabbitMQ takes no messages (`blocked`). The job is safe in PostgreSQL. */
export class WhyBrokerAway {
  @Code('broker_away')
  code!: 'broker_away';

  @ApiProperty({ enum: ['down', 'blocked'] })
  broker!: 'down' | 'blocked';
}

/** As many jobs run under a limit as may. */
export class WhyLimit {
  @Code('limit')
  code!: 'limit';

  @ApiProperty({ example: LIMIT, description: 'The name of the limit, and the value that it counts by' })
  limit!: string;

  @Count({ minimum: 1, description: 'How many may run' })
  capacity!: number;

  @Count({ description: 'How many run, or are on their way to a worker' })
  held!: number;

  @Ahead('that wait for this limit')
  ahead!: number;

  @AheadIsExact()
  aheadIsExact!: boolean;

  @ApiProperty({ type: [String], description: 'Those that run, the first ten: ids of jobs', example: [EXAMPLE.id] })
  holders!: string[];
}

/** A limit allows no start before a time. */
export class WhyRate {
  @Code('rate')
  code!: 'rate';

  @ApiProperty({ example: LIMIT, description: 'The name of the limit, and the value that it counts by' })
  limit!: string;

  @Time({ description: 'When the next of its jobs may start' })
  nextAt!: string;

  @Ahead('that wait for this limit')
  ahead!: number;

  @AheadIsExact()
  aheadIsExact!: boolean;
}

/** It waits for its turn, in the order of its queue. */
export class WhyBehind {
  @Code('behind')
  code!: 'behind';

  @ApiProperty({ example: EXAMPLE.queue })
  queue!: string;

  @Ahead('of its queue')
  ahead!: number;

  @AheadIsExact()
  aheadIsExact!: boolean;
}

/** RabbitMQ has its message, and gives it to the next worker with a free slot. */
export class WhyPublished {
  @Code('published')
  code!: 'published';

  @Time()
  since!: string;

  @ApiProperty({ description: 'False: the message is on its way, RabbitMQ has not confirmed it yet' })
  confirmed!: boolean;
}

/** It does not wait: it runs. */
export class WhyRunning {
  @Code('running')
  code!: 'running';

  @TextOrNull({ description: 'The worker process that runs it: host and pid. Null where that is not known any more', example: 'worker-7f9c:4242' })
  worker!: string | null;

  @Time()
  since!: string;

  @Count({ minimum: 1 })
  attempt!: number;
}

export type WhyReason = WhyPaused | WhyScheduled | WhyNoWorker | WhyBrokerAway | WhyLimit | WhyRate | WhyBehind | WhyPublished | WhyRunning;

const REASONS = [WhyPaused, WhyScheduled, WhyNoWorker, WhyBrokerAway, WhyLimit, WhyRate, WhyBehind, WhyPublished, WhyRunning] as const;

/** Links from the answer. */
export class WhyLinks {
  @Link({ example: `/jobs/${EXAMPLE.id}` })
  job!: string;
}

/** A limit that a job would be under. */
export class DryRunLimit {
  @ApiProperty({ example: LIMIT, description: 'The name of the limit, and the value that it counts by' })
  limit!: string;

  @Count({ minimum: 1, nullable: true, description: 'How many may run; null without such a limit' })
  capacity!: number | null;

  @Count({ description: 'How many run, or are on their way to a worker' })
  held!: number;

  @Time({ nullable: true, description: 'The earliest next start, which may have passed; null without a rate' })
  nextAt!: string | null;
}

/** Links from the answer. */
export class DryRunLinks {
  @LinkOptional({ example: `/jobs/${EXAMPLE.id}`, description: 'The job that the idempotency key has made already' })
  existing?: string;
}

/** What a job would meet that is submitted now. Nothing was stored. */
@ApiExtraModels(...REASONS)
export class DryRun {
  @ApiProperty({ type: 'boolean', enum: [true] })
  dryRun!: true;

  @Id({
    nullable: true,
    description: 'Of the job that the idempotency key has made already: a submission would be answered with it. Then no reason, limit or time is given here',
  })
  existing!: string | null;

  @ApiProperty({ example: EXAMPLE.kind })
  kind!: string;

  @ApiProperty({ example: EXAMPLE.queue })
  queue!: string;

  @Count({ minimum: 0, maximum: 9 })
  priority!: number;

  @ApiProperty({ type: () => [DryRunLimit], description: 'The limits that it would be under' })
  limits!: DryRunLimit[];

  @ApiProperty({
    type: 'array',
    items: { oneOf: REASONS.map((reason) => ({ $ref: getSchemaPath(reason) })) },
    description: 'What would keep it, as `GET /jobs/{id}/why` tells it; none where it would go to a worker at once',
  })
  reasons!: WhyReason[];

  @Ahead('of its queue that wait for their turn and')
  ahead!: number;

  @AheadIsExact()
  aheadIsExact!: boolean;

  @Time({ nullable: true, description: 'When it would start; null where nothing can be said' })
  estimatedStart!: string | null;

  @TextOrNull({ description: 'What the estimate rests on', example: 'nothing waits before it' })
  confidence!: string | null;

  @ApiProperty({ type: () => DryRunLinks })
  links!: DryRunLinks;
}

/** Why a job has not started, and when it will. */
@ApiExtraModels(...REASONS)
export class WhyView {
  @Id()
  id!: string;

  @ApiProperty(JOB_STATE)
  state!: JobState;

  @ApiProperty({
    type: 'array',
    items: { oneOf: REASONS.map((reason) => ({ $ref: getSchemaPath(reason) })) },
    description: 'All causes that hold, the one that has to end first at the beginning; none of a job that has ended',
  })
  reasons!: WhyReason[];

  @Time({ nullable: true, description: 'When it will start; null where nothing can be said, and of a job that has started' })
  estimatedStart!: string | null;

  @TextOrNull({ description: 'What the estimate rests on', example: 'the rate of the last 60 s' })
  confidence!: string | null;

  @ApiProperty({ type: () => WhyLinks })
  links!: WhyLinks;
}
