import type { Type } from '@nestjs/common';
import { escapePointer, type Fault, type JsonValue, readExactJson } from '@app/core';
import { type ValidationError, validateSync, type ValidatorOptions } from 'class-validator';
import { payloadClassOf } from './payload-class.js';
import { instanceOf } from './payload-instance.js';
import { ENOUGH, isEnough, shapeFaults } from './payload-shape.js';

/** Whether a text may hold a reserved name, also with escapes. Only then is the value searched. */
const MAYBE_RESERVED = /constructor|__proto__|\\u/;
const RESERVED = new Set(['constructor', '__proto__']);

const STRICT: ValidatorOptions = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true, validationError: { target: false, value: false } };

/** The faults of a payload, each with a JSON pointer under `prefix`. `text` is the payload's JSON text. */
export function validatePayload(payloadClass: Type<object>, payload: JsonValue, text?: string, prefix = '/payload'): Fault[] {
  const read = readPayload(payloadClass, payload, text, prefix);
  return 'faults' in read ? read.faults : [];
}

/**
 * The payload as a valid instance of its class, with the defaults of its fields; or its faults. The shape is checked first: no instance
 * is made of a payload with many unknown fields, or with lists and texts beyond their limits.
 */
export function readPayload(payloadClass: Type<object>, payload: JsonValue, text?: string, prefix = '/payload'): { instance: object } | { faults: Fault[] } {
  if (payload === null || typeof payload !== 'object' || Array.isArray(payload)) {
    return { faults: [{ pointer: prefix, detail: `must be an object, got ${describe(payload)}` }] };
  }
  const shape = shapeFaults(payloadClass, payload, prefix);
  if (shape.tooLong.length > 0 || isEnough(shape)) return { faults: [...shape.tooLong, ...shape.unknown] };
  if (text === undefined || maybeReserved(text)) {
    const reserved = reservedMembers(payload, prefix);
    if (reserved.length > 0) return { faults: reserved };
  }
  const { fields, exact } = payloadClassOf(payloadClass);
  const faults = shape.unknown;
  const literals = exact && text !== undefined ? readExactJson(text) : undefined;
  const instance = instanceOf(payloadClass, payload, literals, prefix, faults);
  // class-validator refuses every instance of a class without decorated fields.
  if (fields.size > 0) faults.push(...faultsOf(validateSync(instance, STRICT), prefix, instance));
  return faults.length > 0 ? { faults } : { instance };
}

/** Whether a payload with this text must be searched for {@link reservedMembers}. */
export function maybeReserved(text: string): boolean {
  return MAYBE_RESERVED.test(text);
}

/** The first members, at any depth, that are named as an object's class or prototype. Code that merges or copies such an object can be misled. */
export function reservedMembers(value: unknown, pointer: string): Fault[] {
  const faults: Fault[] = [];
  const stack: { value: unknown; pointer: string }[] = [{ value, pointer }];
  for (let entry = stack.pop(); entry && faults.length < ENOUGH; entry = stack.pop()) {
    const { value, pointer } = entry;
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      value.forEach((element, index) => typeof element === 'object' && element !== null && stack.push({ value: element, pointer: `${pointer}/${index}` }));
      continue;
    }
    for (const name of Object.keys(value)) {
      const member: unknown = (value as Record<string, unknown>)[name];
      if (RESERVED.has(name)) faults.push({ pointer: `${pointer}/${name}`, detail: 'is a reserved name' });
      else if (typeof member === 'object' && member !== null) stack.push({ value: member, pointer: `${pointer}/${escapePointer(name)}` });
    }
  }
  return faults;
}

/** class-validator's tree of errors as a flat list. All rules of a member that `instance` does not have are one fault: what is amiss is one thing. */
export function faultsOf(errors: ValidationError[], prefix: string, instance: object): Fault[] {
  return errors.flatMap((error) => {
    const pointer = `${prefix}/${escapePointer(error.property)}`;
    const member = (instance as Record<string, unknown>)[error.property];
    const rules = Object.entries(error.constraints ?? {}).map(([rule, text]) => detailOf(rule, text, error.property));
    const own = (member === undefined && rules.length > 0 ? [`is missing: ${rules.join(', ')}`] : rules).map((detail) => ({ pointer, detail }));
    return [...own, ...faultsOf(error.children ?? [], pointer, Object(member) as object)];
  });
}

function detailOf(rule: string, text: string, property: string): string {
  if (rule === 'whitelistValidation') return 'is not a known field';
  return text.startsWith(`${property} `) ? text.slice(property.length + 1) : text;
}

function describe(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
