import type { JsonValue } from '@app/core';
import type { JsonSchema } from '@app/sdk';

/** Texts of which one matches most patterns for names, units and delimiters. */
const TEXTS = ['orders', 'example', '2026-01', '2026-01-31', ',', 'A', '1'];
const FORMATS: Record<string, string> = {
  uuid: '019364d2-7c1e-7a33-8f3e-0b9f6a1d2c3e',
  url: 'https://example.com/',
  uri: 'https://example.com/',
  email: 'ada@example.org',
  'date-time': '2026-01-31T08:00:00Z',
  date: '2026-01-31',
};

/** An example of a JSON Schema: only required members, each as small as possible. Undefined when none is found. */
export function exampleOf(schema: JsonSchema): JsonValue | undefined {
  const choices = schema['enum'];
  if (Array.isArray(choices)) return choices[0] as JsonValue;
  switch (schema['type']) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return Array.from({ length: Number(schema['minItems'] ?? 0) }, () => exampleOf((schema['items'] ?? {}) as JsonSchema) ?? null);
    case 'string':
      return textOf(schema);
    case 'integer':
    case 'number':
      return Math.max(Number(schema['minimum'] ?? 1), 0);
    case 'boolean':
      return true;
    default:
      return 'anything';
  }
}

function objectOf(schema: JsonSchema): JsonValue | undefined {
  const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>;
  const required = (schema['required'] ?? []) as string[];
  // With one optional member the example says more than an empty object.
  const shown = required.length > 0 ? required : Object.keys(properties).slice(0, 1);
  const members = shown.map((name): [string, JsonValue | undefined] => [name, exampleOf(properties[name] ?? {})]);
  return members.some(([, value]) => value === undefined) ? undefined : (Object.fromEntries(members) as JsonValue);
}

function textOf(schema: JsonSchema): string | undefined {
  const format = FORMATS[String(schema['format'])];
  if (format !== undefined) return format;
  const pattern = typeof schema['pattern'] === 'string' ? new RegExp(schema['pattern'], 'u') : undefined;
  const [least, most] = [Number(schema['minLength'] ?? 0), Number(schema['maxLength'] ?? Infinity)];
  return TEXTS.find((text) => text.length >= least && text.length <= most && (pattern?.test(text) ?? true));
}
