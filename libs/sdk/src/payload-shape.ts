import type { Type } from '@nestjs/common';
import { escapePointer, type Fault } from '@app/core';
import { type Bound, type PayloadClass, payloadClassOf, type PayloadField } from './payload-class.js';

/** Enough to see what is wrong; a text of a megabyte may be wrong at a hundred thousand places. */
export const ENOUGH = 20;

export interface ShapeFaults {
  /** Fields that a class does not have. */
  unknown: Fault[];
  /** Arrays and texts that are too long for anything to be made of them. */
  tooLong: Fault[];
}

/**
 * What is wrong with the shape of a value, looked at as it came, before an instance is made of it: linear in the number of
 * fields, and over after the first {@link ENOUGH} faults. What is free, a field without a class of its own, is not walked.
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
    // What another name exposes is known to class-transformer alone; class-validator then refuses what is left over.
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

/** The objects of a nested class: the value itself, or the elements of an array however deep it is. */
function within(nested: PayloadClass, value: unknown, pointer: string, faults: ShapeFaults): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) return walk(nested, value, pointer, faults);
  for (let index = 0; index < value.length && !isEnough(faults); index++) within(nested, value[index], `${pointer}/${index}`, faults);
}

function applies({ conditions }: PayloadField, object: object, value: unknown): boolean {
  try {
    return conditions.every((condition) => condition(object, value));
  } catch {
    // Written for an instance, and not for what may come: the validator will say.
    return false;
  }
}

function isBroken({ max, of, each }: Bound, value: unknown): boolean {
  if (each) return Array.isArray(value) && value.some((element) => isBroken({ max, of, each: false }, element));
  // A text may have twice as many units of UTF-16 as it has characters.
  return of === 'array' ? Array.isArray(value) && value.length > max : typeof value === 'string' && value.length > 2 * max;
}

function said({ max, of, each }: Bound): string {
  if (of === 'array') return `${each ? 'each value ' : ''}must contain no more than ${max} elements`;
  return `${each ? 'each value ' : ''}must be shorter than or equal to ${max} characters`;
}
