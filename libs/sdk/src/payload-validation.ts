import type { Type } from '@nestjs/common';
import { escapePointer, type Fault, type JsonValue } from '@app/core';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync, type ValidatorOptions } from 'class-validator';

const STRICT: ValidatorOptions = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true, validationError: { target: false, value: false } };

const RESERVED = new Set(['constructor', '__proto__']);

/** What class-validator finds wrong with a payload, each fault with a JSON pointer under `prefix`. */
export function validatePayload(payloadClass: Type<object>, payload: JsonValue, prefix = '/payload'): Fault[] {
  const read = readPayload(payloadClass, payload, prefix);
  return 'faults' in read ? read.faults : [];
}

/** The payload as a valid instance of its class, with the defaults of its fields; or what is wrong with it. */
export function readPayload(payloadClass: Type<object>, payload: JsonValue, prefix = '/payload'): { instance: object } | { faults: Fault[] } {
  if (payload === null || typeof payload !== 'object' || Array.isArray(payload)) {
    return { faults: [{ pointer: prefix, detail: `must be an object, got ${describe(payload)}` }] };
  }
  const reserved = reservedMembers(payload, prefix);
  if (reserved.length > 0) return { faults: reserved };
  const instance = plainToInstance(payloadClass, payload, { exposeDefaultValues: true });
  const errors = validateSync(instance, STRICT);
  return errors.length > 0 ? { faults: faultsOf(errors, prefix) } : { instance };
}

/**
 * Members at any depth that class-transformer takes for the object's own class, and throws or drops: such an object cannot become an instance.
 */
export function reservedMembers(value: unknown, pointer: string): Fault[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const at = `${pointer}/${escapePointer(name)}`;
    return RESERVED.has(name) ? [{ pointer: at, detail: 'is a reserved name' }] : reservedMembers(member, at);
  });
}

/** class-validator's tree as a flat list. */
export function faultsOf(errors: ValidationError[], prefix: string): Fault[] {
  return errors.flatMap((error) => {
    const pointer = `${prefix}/${escapePointer(error.property)}`;
    const own = Object.entries(error.constraints ?? {}).map(([rule, text]) => ({ pointer, detail: detailOf(rule, text, error.property) }));
    return [...own, ...faultsOf(error.children ?? [], pointer)];
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
