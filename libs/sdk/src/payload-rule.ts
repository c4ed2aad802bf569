import type { Type } from '@nestjs/common';
import type { Fault, JsonValue } from '@app/core';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { JsonSchema } from './payload-schema.js';

/** What says which payloads of a kind are valid: a class with class-validator's decorators, or any Standard Schema (https://standardschema.dev). */
export type PayloadSource<Payload> = Type<Payload> | StandardSchemaV1<unknown, Payload>;

export type ReadPayload = { instance: unknown } | { faults: Fault[] };

/** The payloads of one kind, whoever described them. */
export interface PayloadRule {
  /** What the handler gets, or what is wrong, each fault with a pointer below `/payload`. `text` is the payload as it came, digit by digit. */
  read(payload: JsonValue, text: string): ReadPayload | Promise<ReadPayload>;
  /** As JSON Schema; says nothing where its library cannot tell. */
  schema(): JsonSchema;
  /** Whether whole numbers beyond 2^53 may be read exactly, so that their loss is nothing to tell of. */
  readonly exact: boolean;
}
