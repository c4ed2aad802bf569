import type { Type } from '@nestjs/common';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { targetConstructorToSchema } from 'class-validator-jsonschema';

export type JsonSchema = Record<string, unknown>;

/** The JSON Schema (2020-12, as OpenAPI 3.1 has it) of a payload class, read off its class-validator decorators. */
export function payloadSchema(payloadClass: Type<object>): JsonSchema {
  const schema = targetConstructorToSchema(payloadClass, { classTransformerMetadataStorage: defaultMetadataStorage as never }) as JsonSchema;
  return { ...schema, additionalProperties: false };
}
