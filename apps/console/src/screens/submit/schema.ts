import { ExactNumber } from '../../api/exact';
import type { JsonValue } from '../../api/operations';
import { number } from '../../words/words';
import { patternWords } from './pattern-words';

/** JSON Schema, as far as the kinds have it. */
export type Schema = Record<string, JsonValue>;
export type Value = JsonValue | ExactNumber | undefined;
export type Members = Record<string, Value>;

/** How a value is asked for. What no field fits is asked for as JSON. */
export type Shape = 'choice' | 'choices' | 'flag' | 'text' | 'number' | 'object' | 'list' | 'json';

export function shapeOf(schema: Schema): Shape {
  const { type, items, enum: values } = schema;
  if (Array.isArray(values)) return 'choice';
  if (type === 'array') return isSchema(items) ? (Array.isArray(items['enum']) ? 'choices' : shapeOf(items) === 'json' ? 'json' : 'list') : 'json';
  if (type === 'object') return Object.keys(propertiesOf(schema)).length > 0 ? 'object' : 'json';
  if (type === 'boolean') return 'flag';
  if (type === 'number' || type === 'integer') return 'number';
  const others = schema['oneOf'] ?? schema['anyOf'];
  return type === 'string' || (Array.isArray(others) && others.every((one) => isSchema(one) && one['type'] === 'string')) ? 'text' : 'json';
}

export function propertiesOf(schema: Schema): Record<string, Schema> {
  const { properties } = schema;
  return isSchema(properties) ? Object.fromEntries(Object.entries(properties).filter((entry): entry is [string, Schema] => isSchema(entry[1]))) : {};
}

export function isRequired(schema: Schema, name: string): boolean {
  return Array.isArray(schema['required']) && schema['required'].includes(name);
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

/** The values that the schema has for what is left out. */
export function initialOf(schema: Schema): Members {
  return Object.fromEntries(
    Object.entries(propertiesOf(schema))
      .filter(([, property]) => property['default'] !== undefined)
      .map(([name, property]) => [name, property['default']]),
  );
}

/** What a new member of a list begins with. */
export function emptyOf(schema: Schema): Value {
  const shape = shapeOf(schema);
  return shape === 'object' ? {} : shape === 'list' || shape === 'choices' ? [] : shape === 'text' ? '' : null;
}

/** An object with another member, its members in the order of the schema. */
export function withMember(schema: Schema, members: Members, name: string, value: Value): Members {
  const next = { ...members, [name]: value };
  const names = [...new Set([...Object.keys(propertiesOf(schema)), ...Object.keys(next)])];
  return Object.fromEntries(names.filter((one) => next[one] !== undefined).map((one) => [one, next[one]]));
}

const FORMATS: Partial<Record<string, string>> = {
  uuid: 'a UUID',
  date: 'a date, such as 2026-01-31',
  'date-time': 'a time, such as 2026-01-31T08:00:00Z',
  email: 'an e-mail address',
  uri: 'a URL',
};

/** What a value has to be, in a few words: `1 to 200 characters`. */
export function limitWords(schema: Schema): string {
  const { minLength, maxLength, minimum, maximum, exclusiveMinimum, exclusiveMaximum, minItems, maxItems, pattern, format, description } = schema;
  const words = [
    typeof description === 'string' ? description.replace(/\.$/, '') : '',
    schema['type'] === 'integer' ? 'a whole number' : '',
    range(minLength, maxLength, 'character'),
    range(minimum, maximum, ''),
    typeof exclusiveMinimum === 'number' ? `more than ${String(exclusiveMinimum)}` : '',
    typeof exclusiveMaximum === 'number' ? `less than ${String(exclusiveMaximum)}` : '',
    range(minItems, maxItems, 'entry', 'entries'),
    typeof format === 'string' ? (FORMATS[format] ?? format) : '',
    typeof pattern === 'string' ? patternWords(pattern) : '',
  ].filter((one) => one !== '');
  const text = words.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function range(least: unknown, most: unknown, one: string, many = `${one}s`): string {
  const what = (count: number): string => (one === '' ? '' : ` ${count === 1 ? one : many}`);
  if (typeof most === 'number' && typeof least === 'number' && least > 0)
    return least === most ? `${figure(most)}${what(most)}` : `${figure(least)} to ${figure(most)}${what(most)}`;
  if (typeof most === 'number') return `at most ${figure(most)}${what(most)}`;
  if (typeof least === 'number' && (least > 1 || one === '')) return `at least ${figure(least)}${what(least)}`;
  return '';
}

function figure(value: number): string {
  return Number.isInteger(value) ? number(value) : String(value);
}
