import type { Type } from '@nestjs/common';
import { type Job, type JsonValue, type SubmitJob, type SubmitOptions } from '@app/core';
import type { EntityManager } from 'typeorm';
import { definitionOf, type Handles } from './job-handler.decorator.js';

type PayloadOf<Handler> = Handler extends Type<Handles<infer Payload, unknown>> ? Payload : never;

/** Payload as a caller writes it: fields with a default may be left out, so only what class-validator demands is demanded. */
export type PayloadInput<Payload> = { [Field in keyof Payload]?: Payload[Field] };

export interface InProcessSubmit extends SubmitOptions {
  idempotencyKey?: string;
  /** Joins your transaction: the job exists if and when it commits. */
  transaction?: EntityManager;
}

/** Submits jobs from inside the process: the same verb, validation and idempotency as the HTTP and AMQP doors. */
export class Jobs {
  constructor(private readonly submitJob: SubmitJob<EntityManager>) {}

  /** Resolves when the job is durable (or, with `transaction`, will be with its commit). Rejects with `Refusal`. */
  async submit<Handler extends Type<Handles<never, unknown>>>(
    handler: Handler,
    payload: PayloadInput<PayloadOf<Handler>>,
    { idempotencyKey, transaction, ...options }: InProcessSubmit = {},
  ): Promise<Job> {
    const definition = definitionOf(handler);
    if (!definition) throw new TypeError(`expected a class with @JobHandler, got: ${handler.name}`);
    const request = {
      kind: definition.policy.kind,
      payload: JSON.parse(JSON.stringify(payload)) as JsonValue,
      options,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    };
    const { job } = await this.submitJob.submit(request, transaction);
    return job;
  }
}
