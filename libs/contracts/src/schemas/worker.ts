import { ApiProperty } from './documented.js';
import { PauseNote } from './queue.js';
import { Count, EXAMPLE, Id, Link, TextOrNull, Time } from './fields.js';

export const WORKER_STATES = ['running', 'draining', 'late'] as const;

/** A job that runs on a worker. */
export class WorkerJob {
  @Id()
  id!: string;

  @ApiProperty({ example: EXAMPLE.kind })
  kind!: string;

  @ApiProperty({ example: EXAMPLE.queue })
  queue!: string;

  @Count()
  attempt!: number;

  @Count({ minimum: 1, description: 'Of the worker, that it takes' })
  slots!: number;

  @Time()
  startedAt!: string;
}

/** A handler that has not obeyed its stop: its job has ended without it, and its code may go on until the process ends. */
export class AbandonedHandler {
  @Id()
  jobId!: string;

  @ApiProperty({ example: EXAMPLE.kind })
  kind!: string;

  @Time({ description: "By the worker's clock" })
  since!: string;
}

/** Who has asked a worker to drain, and why. */
export class DrainRequest {
  @Time()
  requestedAt!: string;

  @TextOrNull({ example: 'anna' })
  by!: string | null;

  @TextOrNull({ example: 'its disk is full' })
  reason!: string | null;
}

/** The queues that a worker was assigned in place of those of its WORKER_QUEUES. */
export class QueueAssignment extends DrainRequest {
  @ApiProperty({ type: [String], minItems: 1, example: ['reports'] })
  queues!: string[];
}

/** Which queues a worker takes from, and is to take from: those that it was assigned, and else those of its configuration. */
export class WorkerQueues {
  @Count({ description: 'New for each start of a process' })
  id!: number;

  @ApiProperty({ description: 'Host and pid', example: 'worker-7f9c:4242' })
  name!: string;

  @ApiProperty({ type: [String], description: 'Taken from now; empty: all' })
  queues!: string[];

  @ApiProperty({ type: [String], nullable: true, description: 'Of its WORKER_QUEUES; null: an older version' })
  configuredQueues!: string[] | null;

  @ApiProperty({ type: () => QueueAssignment, nullable: true })
  assigned!: QueueAssignment | null;
}

export class AssignQueues extends PauseNote {
  @ApiProperty({ type: [String], nullable: true, minItems: 1, description: 'Declared queues. Null: those of its WORKER_QUEUES again', example: ['reports'] })
  queues!: string[] | null;
}

export class WorkerLinks {
  @Link()
  queues!: string;

  @Link()
  drain!: string;
}

/** A process that runs jobs. */
export class WorkerView extends WorkerQueues {
  @ApiProperty({
    enum: WORKER_STATES,
    enumName: 'WorkerState',
    description: '`draining`: it was asked to, takes nothing new and ends. `late`: it has not renewed its lease, and its jobs are taken over',
  })
  state!: (typeof WORKER_STATES)[number];

  @Time()
  startedAt!: string;

  @Time({ description: 'Renewed each second' })
  leaseUntil!: string;

  @Count({ minimum: 1, description: 'Its slots of each queue: jobs of one slot that it runs at once' })
  concurrency!: number;

  @TextOrNull({ description: 'Of Longhaul', example: '0.1.0' })
  version!: string | null;

  @TextOrNull({ description: 'Of Node', example: '20.20.0' })
  node!: string | null;

  @ApiProperty({ type: [String], description: 'The kinds that it knows' })
  kinds!: string[];

  @ApiProperty({ type: 'integer', nullable: true, minimum: 0, description: 'The memory of its process; ten seconds old at most' })
  memoryBytes!: number | null;

  @Count({ description: 'Jobs that run on it' })
  runningCount!: number;

  @ApiProperty({ type: () => [WorkerJob], description: 'Those that began first, 100 at most' })
  running!: WorkerJob[];

  @ApiProperty({ type: () => [AbandonedHandler], description: 'Handlers that have not obeyed their stop' })
  abandoned!: AbandonedHandler[];

  @ApiProperty({ type: () => DrainRequest, nullable: true })
  drain!: DrainRequest | null;

  @ApiProperty({ type: () => WorkerLinks })
  links!: WorkerLinks;
}

/** All workers, the oldest first. */
export class WorkerList {
  @ApiProperty({ type: () => [WorkerView] })
  items!: WorkerView[];
}
