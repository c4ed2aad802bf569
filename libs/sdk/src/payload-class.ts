import type { Type } from '@nestjs/common';
import { TransformationType } from 'class-transformer';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** A rule that a value must meet before anything is made of it, for all else costs by its size. */
export interface Bound {
  max: number;
  of: 'array' | 'text';
  /** Each element's, not the value's own. */
  each: boolean;
}

export interface PayloadField {
  bounds: Bound[];
  /** All of them must hold, else the field is not looked at: `@IsOptional`, `@ValidateIf`. */
  conditions: ((object: object, value: unknown) => boolean)[];
  /** The class of its objects, by `@Type`. Without one the value is free: it stays as it came. */
  nested: Type<object> | undefined;
  /** What `@Type` makes of a scalar: `Date`, `Number`, `String`, `Boolean`, `BigInt`. */
  scalar: unknown;
  transforms: ((parameters: { value: unknown; key: string; obj: unknown; type: number; options: object }) => unknown)[];
}

/** What a payload class says of itself. */
export interface PayloadClass {
  fields: Map<string, PayloadField>;
  /** Has what only class-transformer knows how to read: exposed names, excluded ones, subtypes, maps. */
  special: boolean;
  /** Reads a number exactly somewhere, in itself or in a nested class. */
  exact: boolean;
}

const CONDITION = 'conditionalValidation';
const TO_CLASS = TransformationType.PLAIN_TO_CLASS;
const SCALARS: unknown[] = [Date, Number, String, Boolean, BigInt, Buffer];
const known = new WeakMap<object, PayloadClass>();

/** Decorators are all there when the first payload comes, so this is worked out once. */
export function payloadClassOf(target: Type<object>): PayloadClass {
  let described = known.get(target);
  if (!described) {
    described = { fields: new Map(), special: isSpecial(target), exact: false };
    // First, for a class may stand within itself.
    known.set(target, described);
    describe(target, described);
  }
  return described;
}

function describe(target: Type<object>, into: PayloadClass): void {
  for (const [name, ofField] of Object.entries(getMetadataStorage().groupByPropertyName(rulesOf(target)))) {
    const type = defaultMetadataStorage.findTypeMetadata(target, name);
    const made: unknown = type?.typeFunction();
    if (type && (type.options?.discriminator !== undefined || type.reflectedType === Map || type.reflectedType === Set)) into.special = true;
    const scalar = SCALARS.includes(made) ? made : undefined;
    const nested = typeof made === 'function' && scalar === undefined && made !== Object && made !== Array ? (made as Type<object>) : undefined;
    into.fields.set(name, {
      bounds: ofField.flatMap(boundOf),
      conditions: ofField.filter(({ type }) => type === CONDITION).map(({ constraints }) => constraints[0] as PayloadField['conditions'][number]),
      nested,
      scalar,
      transforms: defaultMetadataStorage.findTransformMetadatas(target, name, TO_CLASS).map(
        (found): typeof found.transformFn =>
          (params) =>
            found.transformFn(params),
      ),
    });
    if (scalar === BigInt || (nested && nested !== target && payloadClassOf(nested).exact)) into.exact = true;
  }
}

function rulesOf(target: Type<object>): Metadata[] {
  return getMetadataStorage().getTargetValidationMetadatas(target, '', true, false);
}

function boundOf({ name, constraints, each }: Metadata): Bound[] {
  const max: unknown = name === 'isLength' ? (constraints as unknown[])[1] : (constraints as unknown[] | undefined)?.[0];
  if (typeof max !== 'number') return [];
  if (name === 'arrayMaxSize') return [{ max, of: 'array', each }];
  return name === 'maxLength' || name === 'isLength' ? [{ max, of: 'text', each }] : [];
}

function isSpecial(target: Type<object>): boolean {
  const storage = defaultMetadataStorage;
  return storage.getExposedProperties(target, TO_CLASS).length > 0 || storage.getExcludedProperties(target, TO_CLASS).length > 0;
}
