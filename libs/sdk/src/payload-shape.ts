import type { Type } from '@nestjs/common';
import { escapePointer, type Fault } from '@app/core';
import { type Bound, type PayloadClass, payloadClassOf, type PayloadField } from './payload-class.js';

/** The number of faults that are reported. A payload of a megabyte may have a hundred thousand. */
export const ENOUGH = 20;

export interface ShapeFaults {
  /** Members of an object that are no fields of its class. */
  unknown: Fault[];
  /** Arrays and texts that are longer than their limit. No instance is made of them. */
  tooLong: Fault[];
}

/**
 * The faults in the shape of a value, found before an instance is made of it. It takes linear time in the number of fields and stops
 * after {@link ENOUGH} faults. The value of a field without a class is not searched.
 */
export function shapeFaults(target: Type<object>, value: object, pointer: string): ShapeFaults {
  const faults: ShapeFaults = { unknown: [], tooLong: [] };
  walk(payloadClassOf(target), value, pointer, faults);
  return faults;
}

export function isEnough({ unknown, tooLong }: ShapeFaults): boolean {
  return unknown.length + tooLong.length >= ENOUGH;
}

function walk(described: PayloadClass, object: object, pointer: string, faults: ShapeFaults): void {
  for (const name of Object.keys(object)) {
    if (isEnough(faults)) return;
    const field = described.fields.get(name);
    const at = `${pointer}/${escapePointer(name)}`;
    if (field) look(field, object, (object as Record<string, unknown>)[name], at, faults);
    // Only class-transformer knows fields that are exposed under another name. class-validator then refuses unknown ones.
    else if (!described.special) faults.unknown.push({ pointer: at, detail: 'is not a known field' });
  }
}

function look(field: PayloadField, object: object, value: unknown, pointer: string, faults: ShapeFaults): void {
  const { bounds, nested } = field;
  if (bounds.length > 0 && applies(field, object, value)) {
    const broken = bounds.find((bound) => isBroken(bound, value));
    if (broken) return void faults.tooLong.push({ pointer, detail: said(broken) });
  }
  if (nested) within(payloadClassOf(nested), value, pointer, faults);
}

/** Checks the objects of a nested class: the value itself, or the elements of an array at any depth. */
function within(nested: PayloadClass, value: unknown, pointer: string, faults: ShapeFaults): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) return walk(nested, value, pointer, faults);
  for (let index = 0; index < value.length && !isEnough(faults); index++) within(nested, value[index], `${pointer}/${index}`, faults);
}

function applies({ conditions }: PayloadField, object: object, value: unknown): boolean {
  try {
    return conditions.every((condition) => condition(object, value));
  } catch {
    // The condition was written for valid instances and throws for this value. The validator reports the fault.
    return false;
  }
}

function isBroken({ max, of, each }: Bound, value: unknown): boolean {
  if (each) return Array.isArray(value) && value.some((element) => isBroken({ max, of, each: false }, element));
  // A text may have twice as many UTF-16 units as characters.
  return of === 'array' ? Array.isArray(value) && value.length > max : typeof value === 'string' && value.length > 2 * max;
}

function said({ max, of, each }: Bound): string {
  if (of === 'array') return `${each ? 'each value ' : ''}must contain no more than ${max} elements`;
  return `${each ? 'each value ' : ''}must be shorter than or equal to ${max} characters`;
}
