import type { Type } from '@nestjs/common';
import { type ExactValue, type Fault, RawJson } from '@app/core';
import { plainToInstance, TransformationType } from 'class-transformer';
import { payloadClassOf, type PayloadField } from './payload-class.js';

/** The longest number that is read exactly. Parsing takes time by the square of the length, and no real number is longer. */
const MAX_DIGITS = 1_000;
const WHOLE = /^-?\d+$/;

/**
 * Makes of a value an instance of its class, with the defaults of its fields, as class-transformer does, but in linear time: each field is
 * read once, and a value without a class stays the same object. `exact` is the same value with the written digits of its numbers,
 * for fields of type `BigInt`; a value that is no whole number goes into `faults`.
 */
export function instanceOf(target: Type<object>, value: object, exact: ExactValue | undefined, pointer: string, faults: Fault[]): object {
  const { fields, special } = payloadClassOf(target);
  // This takes time by the square of an object's members. The reader of the text has limited them.
  if (special) return plainToInstance(target, value, { exposeDefaultValues: true });
  const instance = new target() as Record<string, unknown>;
  for (const [name, field] of fields) {
    if (!Object.hasOwn(value, name)) continue;
    const given = (value as Record<string, unknown>)[name];
    const literal = exact instanceof Map ? exact.get(name) : undefined;
    let made = madeOf(field, given, literal, `${pointer}/${name}`, faults);
    for (const transform of field.transforms)
      made = transform({ value: made, key: name, obj: value, type: TransformationType.PLAIN_TO_CLASS, options: { exposeDefaultValues: true } });
    instance[name] = made;
  }
  return instance;
}

function madeOf(field: PayloadField, value: unknown, exact: ExactValue | undefined, pointer: string, faults: Fault[]): unknown {
  const { nested, scalar } = field;
  if (value === null || (nested === undefined && scalar === undefined)) return value;
  if (Array.isArray(value)) {
    const literals = Array.isArray(exact) ? exact : undefined;
    return value.map((element, index) => madeOf(field, element, literals?.[index], `${pointer}/${index}`, faults));
  }
  if (nested) return typeof value === 'object' ? instanceOf(nested, value, exact, pointer, faults) : value;
  return scalar === BigInt ? whole(value, exact, pointer, faults) : converted(scalar, value);
}

function converted(scalar: unknown, value: unknown): unknown {
  switch (scalar) {
    case Date:
      return new Date(value as string);
    case Number:
      return Number(value);
    case String:
      return String(value);
    case Boolean:
      return Boolean(value);
    default:
      return Buffer.from(value as string);
  }
}

/** Reads a whole number with all digits, from a number or a text. */
function whole(value: unknown, exact: ExactValue | undefined, pointer: string, faults: Fault[]): unknown {
  const literal = typeof value === 'string' ? value : exact instanceof RawJson ? exact.text : String(value);
  if ((typeof value === 'number' || typeof value === 'string') && literal.length <= MAX_DIGITS && WHOLE.test(literal)) return BigInt(literal);
  faults.push({ pointer, detail: `must be a whole number of at most ${MAX_DIGITS} digits` });
  return value;
}
