import type { OpenAPIObject } from '@nestjs/swagger';

const BEGINNING = '#/components/schemas/';

/** Schemas of an OpenAPI document, with those that they refer to. Their references hold in an AsyncAPI document too, which has its schemas at the same place. */
export function schemasWith(document: OpenAPIObject, names: readonly string[]): Record<string, object> {
  const all = document.components?.schemas ?? {};
  const found: Record<string, object> = {};
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name in found) continue;
    const schema = all[name];
    if (!schema) throw new Error(`expected a schema ${name} in the OpenAPI document, got none`);
    found[name] = schema;
    waiting.push(...referencesOf(schema));
  }
  return found;
}

function referencesOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' && value.startsWith(BEGINNING) ? [value.slice(BEGINNING.length)] : referencesOf(value),
  );
}
