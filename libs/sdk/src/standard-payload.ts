import { escapePointer, type ExactValue, type Fault, type JsonValue, RawJson, readExactJson } from '@app/core';
import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import type { PayloadRule, ReadPayload } from './payload-rule.js';
import type { JsonSchema } from './payload-schema.js';
import { ENOUGH } from './payload-shape.js';
import { maybeReserved, reservedMembers } from './payload-validation.js';

const PREFIX = '/payload';
/** The longest message of a library that is passed on, in characters: it may repeat the caller's input. */
const LONGEST = 500;
/** The longest whole number that is read exactly. Parsing takes time by the square of the length, and no real number is longer. */
const MAX_DIGITS = 1_000;
const WHOLE = /^-?\d+$/;
/** How often a payload is validated at most: once unchanged, and again when the schema wants some whole numbers as bigint. */
const LOOKS = 3;
const DRAFT = 'draft-2020-12';

type Schema = StandardSchemaV1<unknown, unknown>;
type Issues = readonly StandardSchemaV1.Issue[];

/** Whether this is a Standard Schema. Some libraries make their schemas functions. */
export function isStandardSchema(source: unknown): source is Schema {
  if ((typeof source !== 'object' && typeof source !== 'function') || source === null) return false;
  const standard: unknown = (source as Record<string, unknown>)['~standard'];
  return typeof (standard as { validate?: unknown } | undefined)?.validate === 'function';
}

/**
 * Validates payloads by a Standard Schema. JSON has no bigint, so a schema that wants one refuses the number in its place. When the refusal
 * points at a whole number, the schema is asked again with that number as a bigint with all its digits.
 */
export class StandardPayload implements PayloadRule {
  /** False: where a schema reads a number, that number may have lost digits, and a warning is logged. */
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
      // The schema becomes part of other documents, which name the dialect.
      delete schema['$schema'];
      return schema;
    } catch {
      // Some checks have no JSON Schema: a transform, a class, a bigint.
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
