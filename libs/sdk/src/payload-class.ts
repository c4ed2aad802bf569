import type { Type } from '@nestjs/common';
import { TransformationType } from 'class-transformer';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** A limit that is checked before an instance is made of the value, because all later steps cost time by its size. */
export interface Bound {
  max: number;
  of: 'array' | 'text';
  /** The limit is for each element and not for the value itself. */
  each: boolean;
}

export interface PayloadField {
  bounds: Bound[];
  /** The field is checked only when all of these hold: `@IsOptional`, `@ValidateIf`. */
  conditions: ((object: object, value: unknown) => boolean)[];
  /** The class of its objects, by `@Type`. Without a class the value stays unchanged. */
  nested: Type<object> | undefined;
  /** The constructor that `@Type` names for a scalar: `Date`, `Number`, `String`, `Boolean`, `BigInt`. */
  scalar: unknown;
  transforms: ((parameters: { value: unknown; key: string; obj: unknown; type: number; options: object }) => unknown)[];
}

/** The description of a payload class, read off its decorators. */
export interface PayloadClass {
  fields: Map<string, PayloadField>;
  /** The class uses features that only class-transformer can read: exposed names, excluded ones, subtypes, maps. */
  special: boolean;
  /** A field of the class, or of a nested class, keeps all digits of a number. */
  exact: boolean;
}

const CONDITION = 'conditionalValidation';
const TO_CLASS = TransformationType.PLAIN_TO_CLASS;
const SCALARS: unknown[] = [Date, Number, String, Boolean, BigInt, Buffer];
const known = new WeakMap<object, PayloadClass>();

/** The description of a class, made once: all decorators have run when the first payload comes. */
export function payloadClassOf(target: Type<object>): PayloadClass {
  let described = known.get(target);
  if (!described) {
    described = { fields: new Map(), special: isSpecial(target), exact: false };
    // Before its fields are read, because a class may contain itself.
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
