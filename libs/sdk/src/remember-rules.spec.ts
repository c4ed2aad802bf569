import {
  getMetadataStorage,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  MetadataStorage,
  registerDecorator,
  ValidateNested,
  validateSync,
} from 'class-validator';
import fc from 'fast-check';
import { rememberRules } from './remember-rules.js';

class Inner {
  @IsString() @MaxLength(3) text!: unknown;
}
class Base {
  @IsInt() count!: unknown;
}
class Outer extends Base {
  @IsOptional() @Max(5) limit?: unknown;
  @ValidateNested() inner!: unknown;
  @IsInt({ groups: ['other'] }) grouped?: unknown;
}

const value = fc.oneof(fc.integer({ max: 9 }), fc.string({ maxLength: 5 }), fc.constant(undefined), fc.constant(null));
const outer = fc
  .record(
    { count: value, limit: value, grouped: value, inner: fc.oneof(value, fc.record({ text: value, more: value }, { requiredKeys: [] })), unknown: value },
    { requiredKeys: [] },
  )
  .map((members) => {
    const { inner } = members;
    return Object.assign(new Outer(), members, typeof inner === 'object' && inner !== null ? { inner: Object.assign(new Inner(), inner) } : {});
  });

const storage = getMetadataStorage();
const own = { find: MetadataStorage.prototype.getTargetValidationMetadatas, add: MetadataStorage.prototype.addValidationMetadata };
afterEach(() => {
  storage.getTargetValidationMetadatas = own.find;
  storage.addValidationMetadata = own.add;
});

test('what is found wrong with an object is the same with rules that are remembered', () => {
  const options = fc.constantFrom(
    {},
    { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true },
    { groups: ['other'] },
    { always: true },
    { strictGroups: true },
  );
  const found = (object: object, given: object) => JSON.stringify(validateSync(object, given));
  fc.assert(
    fc.property(outer, options, (object, given) => {
      storage.getTargetValidationMetadatas = own.find;
      const expected = found(object, given);
      rememberRules();
      expect([found(object, given), found(object, given)]).toEqual([expected, expected]);
    }),
  );
});

test('the rules of a class are looked for once, and again after a rule was added, also to a class that it inherits from', () => {
  let looks = 0;
  storage.getTargetValidationMetadatas = (...given) => {
    looks++;
    return own.find.apply(storage, given);
  };
  rememberRules();
  const faults = () => validateSync(Object.assign(new Outer(), { count: 1 })).map(({ property }) => property);
  faults();
  const once = looks;
  faults();
  expect(looks).toBe(once);
  registerDecorator({ target: Base, propertyName: 'late', options: {}, validator: { validate: () => false } });
  expect(faults()).toContain('late');
  expect(looks).toBeGreaterThan(once);
});
