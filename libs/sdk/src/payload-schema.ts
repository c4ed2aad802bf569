import type { Type } from '@nestjs/common';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { classSchema } from './class-schema.js';
import type { JsonSchema } from './rule-schemas.js';

export type { JsonSchema };

/**
 * The JSON Schema (2020-12, as OpenAPI 3.1 has it) of a payload class, read off its class-validator decorators. It has no
 * references, so that it fits into any document: classes of fields (`@Type`) are written out where they are used.
 */
export function payloadSchema(payloadClass: Type<object>, within: readonly unknown[] = []): JsonSchema {
  const schema = classSchema(payloadClass);
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>).map(([name, property]) => {
    const type = defaultMetadataStorage.findTypeMetadata(payloadClass, name)?.typeFunction();
    if (type === BigInt) return [name, { ...property, type: 'integer' }];
    const nested = type as Type<object> | undefined;
    // A class that contains itself would never end.
    const inlined = (): JsonSchema => (nested && !within.includes(nested) ? payloadSchema(nested, [...within, payloadClass]) : { type: 'object' });
    return [name, withoutRefs(property, inlined)];
  });
  return { ...schema, ...(properties.length > 0 ? { properties: Object.fromEntries(properties) as object } : {}), additionalProperties: false };
}

function withoutRefs(value: unknown, inlined: () => JsonSchema): unknown {
  if (Array.isArray(value)) return value.map((member) => withoutRefs(member, inlined));
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value) return inlined();
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutRefs(member, inlined)]));
}
