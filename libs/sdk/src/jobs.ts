import type { Type } from '@nestjs/common';
import { type Job, type JsonText, jsonText, JsonTextError, type JsonValue, Refusal, type SubmitJob, type SubmitOptions } from '@app/core';
import type { EntityManager } from 'typeorm';
import { definitionOf, type Handles } from './job-handler.decorator.js';

type PayloadOf<Handler> = Handler extends Type<Handles<infer Payload, unknown>> ? Payload : never;

/** Payload as a caller writes it: fields with a default may be left out, so only what class-validator demands is demanded. */
export type PayloadInput<Payload> = { [Field in keyof Payload]?: Payload[Field] };

export interface InProcessSubmit extends SubmitOptions {
  idempotencyKey?: string;
  /** Joins your transaction: the job exists if and when it commits. */
  transaction?: EntityManager;
  /** The same for a transaction of any other library: what runs one statement with `$1` parameters and gives its rows, or `{ rows }`. */
  on?: SqlExecutor;
}

/** A transaction of node-postgres, Drizzle, Kysely, Prisma or Knex, as far as it is needed here. */
export interface SqlExecutor {
  query(text: string, values: unknown[]): Promise<unknown>;
}

/** Submits jobs from inside the process: the same verb, validation and idempotency as the HTTP and AMQP doors. */
export class Jobs {
  constructor(private readonly submitJob: SubmitJob<EntityManager | SqlExecutor>) {}

  /** Resolves when the job is durable (or, with `transaction`, will be with its commit). Rejects with `Refusal`. */
  async submit<Handler extends Type<Handles<never, unknown>>>(
    handler: Handler,
    payload: PayloadInput<PayloadOf<Handler>>,
    { idempotencyKey, transaction, on, ...options }: InProcessSubmit = {},
  ): Promise<Job> {
    const definition = definitionOf(handler);
    if (!definition) throw new TypeError(`expected a class with @JobHandler, got: ${handler.name}`);
    const text = payloadText(payload);
    const request = {
      kind: definition.policy.kind,
      payload: JSON.parse(text) as JsonValue,
      payloadText: text,
      options,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    };
    const { job } = await this.submitJob.submit(request, transaction ?? on);
    return job;
  }
}

/** A bigint keeps its digits; what JSON would lose is refused like a payload that is not valid. */
export function payloadText(payload: object): JsonText {
  try {
    return jsonText(payload);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    throw new Refusal('invalid_payload', `the payload cannot be stored: ${error.message}`, [{ pointer: `/payload${error.pointer}`, detail: error.detail }]);
  }
}
