import type { Type } from '@nestjs/common';
import { type Job, type JsonText, jsonText, JsonTextError, type JsonValue, Refusal, type SubmitJob, type SubmitOptions } from '@app/core';
import type { EntityManager } from 'typeorm';
import { definitionOf, type Handles } from './job-handler.decorator.js';

type PayloadOf<Handler> = Handler extends Type<Handles<infer Payload, unknown>> ? Payload : never;

/** A payload as a caller writes it. All fields are optional, because a field with a default may be left out; class-validator refuses a payload that lacks others. */
export type PayloadInput<Payload> = { [Field in keyof Payload]?: Payload[Field] };

export interface InProcessSubmit extends SubmitOptions {
  idempotencyKey?: string;
  /** Whose the job is. Left out, of the tenant of the job whose handler calls, and elsewhere of the default one. */
  tenant?: string;
  /** Joins your transaction: the job exists if and when it commits. */
  transaction?: EntityManager;
  /** Joins a transaction of any other library. It runs one statement with `$1` parameters and returns its rows, or `{ rows }`. */
  on?: SqlExecutor;
}

/** The part of a transaction of node-postgres, Drizzle, Kysely, Prisma or Knex that `Jobs` uses. */
export interface SqlExecutor {
  query(text: string, values: unknown[]): Promise<unknown>;
}

/** Submits jobs from inside the process, with the same validation and idempotency as over HTTP and AMQP. */
export class Jobs {
  constructor(private readonly submitJob: SubmitJob<EntityManager | SqlExecutor>) {}

  /** Resolves when the job is durable (or, with `transaction`, will be with its commit). Rejects with `Refusal`. */
  async submit<Handler extends Type<Handles<never, unknown>>>(
    handler: Handler,
    payload: PayloadInput<PayloadOf<Handler>>,
    { idempotencyKey, tenant, transaction, on, ...options }: InProcessSubmit = {},
  ): Promise<Job> {
    const definition = definitionOf(handler);
    if (!definition) throw new TypeError(`expected a class with @JobHandler, got: ${handler.name}`);
    const text = payloadText(payload);
    const request = {
      kind: definition.policy.kind,
      payload: JSON.parse(text) as JsonValue,
      payloadText: text,
      payloadSound: true,
      options,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      ...(tenant === undefined ? {} : { tenant }),
    };
    const { job } = await this.submitJob.submit(request, transaction ?? on);
    return job;
  }
}

/** The payload as JSON text. A bigint keeps its digits; a value that JSON would lose is refused as an invalid payload. */
export function payloadText(payload: object): JsonText {
  try {
    return jsonText(payload);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    throw new Refusal('invalid_payload', `the payload cannot be stored: ${error.message}`, [{ pointer: `/payload${error.pointer}`, detail: error.detail }]);
  }
}
