import type { Type } from '@nestjs/common';
import type { Fault, JsonValue } from '@app/core';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { JsonSchema } from './payload-schema.js';

/** Describes the valid payloads of a kind: a class with class-validator's decorators, or any Standard Schema (https://standardschema.dev). */
export type PayloadSource<Payload> = Type<Payload> | StandardSchemaV1<unknown, Payload>;

export type ReadPayload = { instance: unknown } | { faults: Fault[] };

/** Reads and checks the payloads of one kind, for every sort of description. */
export interface PayloadRule {
  /** The payload for the handler, or its faults, each with a pointer below `/payload`. `text` is the payload's JSON text, with all digits. */
  read(payload: JsonValue, text: string): ReadPayload | Promise<ReadPayload>;
  /** The JSON Schema of the payload; `{}` where the library cannot make one. */
  schema(): JsonSchema;
  /** Whether the rule can read whole numbers beyond 2^53 exactly. Then no warning about lost digits is logged. */
  readonly exact: boolean;
}
