import { escapePointer, type ExactValue, type Fault, type JsonValue, RawJson, readExactJson } from '@app/core';
import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import type { PayloadRule, ReadPayload } from './payload-rule.js';
import type { JsonSchema } from './payload-schema.js';
import { ENOUGH } from './payload-shape.js';
import { maybeReserved, reservedMembers } from './payload-validation.js';

const PREFIX = '/payload';
/** Of a message that a library has made, in characters: it may repeat what was sent. */
const LONGEST = 500;
/** Of a whole number: longer ones cost by the square of their length, and nobody counts so far. */
const MAX_DIGITS = 1_000;
const WHOLE = /^-?\d+$/;
/** How often a payload is looked at: once as it is, and again when whole numbers in it were wanted exactly. */
const LOOKS = 3;
const DRAFT = 'draft-2020-12';

type Schema = StandardSchemaV1<unknown, unknown>;
type Issues = readonly StandardSchemaV1.Issue[];

/** Schemas of some libraries are functions too. */
export function isStandardSchema(source: unknown): source is Schema {
  if ((typeof source !== 'object' && typeof source !== 'function') || source === null) return false;
  const standard: unknown = (source as Record<string, unknown>)['~standard'];
  return typeof (standard as { validate?: unknown } | undefined)?.validate === 'function';
}

/**
 * Payloads by a Standard Schema. JSON has no bigint, so a schema that wants one refuses the number that stands there. Where such a refusal is at
 * a whole number, the schema is asked again with that number as a bigint of all its digits.
 */
export class StandardPayload implements PayloadRule {
  /** A number that has lost digits was wanted as a number. */
  readonly exact = false;

  constructor(private readonly source: Schema) {}

  read(payload: JsonValue, text: string): ReadPayload | Promise<ReadPayload> {
    const reserved = maybeReserved(text) ? reservedMembers(payload, PREFIX) : [];
    return reserved.length > 0 ? { faults: reserved } : this.look(payload, text, LOOKS);
  }

  schema(): JsonSchema {
    const { '~standard': standard, toJsonSchema } = this.source as Schema & { toJsonSchema?: () => JsonSchema } & Partial<StandardJSONSchemaV1>;
    try {
      const { jsonSchema } = standard as Partial<StandardJSONSchemaV1.Props>;
      const schema = { ...(jsonSchema?.input({ target: DRAFT }) ?? toJsonSchema?.call(this.source)) };
      // It goes into other documents, of that dialect.
      delete schema['$schema'];
      return schema;
    } catch {
      // Not everything that can be checked can be said: a transform, a class, a bigint.
      return {};
    }
  }

  private look(payload: unknown, text: string, looks: number): ReadPayload | Promise<ReadPayload> {
    const answer = this.source['~standard'].validate(payload);
    const judge = (result: StandardSchemaV1.Result<unknown>): ReadPayload | Promise<ReadPayload> => {
      if (!result.issues) return { instance: result.value };
      const exact = looks > 1 ? withBigInts(payload, text, result.issues) : undefined;
      return exact === undefined ? { faults: faultsOf(result.issues) } : this.look(exact, text, looks - 1);
    };
    return answer instanceof Promise ? answer.then(judge) : judge(answer);
  }
}

function keysOf({ path = [] }: StandardSchemaV1.Issue): string[] {
  return path.map((part) => String(typeof part === 'object' ? part.key : part));
}

function faultsOf(issues: Issues): Fault[] {
  return issues.slice(0, ENOUGH).map((issue) => ({
    pointer: [PREFIX, ...keysOf(issue).map(escapePointer)].join('/'),
    detail: issue.message.slice(0, LONGEST),
  }));
}

/** The payload with bigints at the whole numbers that issues point to; undefined where there are none. */
function withBigInts(payload: unknown, text: string, issues: Issues): unknown {
  let exact: ExactValue | undefined;
  let copy: unknown;
  for (const issue of issues) {
    const keys = keysOf(issue);
    if (keys.length === 0 || typeof at(payload, keys) !== 'number') continue;
    exact ??= readExactJson(text);
    const literal = literalAt(exact, keys);
    if (literal === undefined || literal.length > MAX_DIGITS || !WHOLE.test(literal)) continue;
    copy ??= structuredClone(payload);
    const holder = at(copy, keys.slice(0, -1)) as Record<string, unknown>;
    holder[keys.at(-1) ?? ''] = BigInt(literal);
  }
  return copy;
}

function at(value: unknown, keys: readonly string[]): unknown {
  let current = value;
  for (const key of keys) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

function literalAt(value: ExactValue, keys: readonly string[]): string | undefined {
  let current: ExactValue | undefined = value;
  for (const key of keys) {
    if (current instanceof Map) current = current.get(key);
    else if (Array.isArray(current)) current = current[Number(key)];
    else return undefined;
  }
  return current instanceof RawJson ? current.text : undefined;
}
