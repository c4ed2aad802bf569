import 'reflect-metadata';
import { Exclude, Expose, Type } from 'class-transformer';
import * as rules from 'class-validator';
import { JSONSchema, targetConstructorToSchema } from 'class-validator-jsonschema';
import fc from 'fast-check';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { classSchema } from './class-schema.js';

const { Allow, IsArray, IsEmpty, IsEnum, IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min, Validate, ValidateIf, ValidateNested } = rules;

type Class = new () => object;
const expectedOf = (target: Class) => targetConstructorToSchema(target, { classTransformerMetadataStorage: defaultMetadataStorage as never });
const asJson = (schema: object): unknown => JSON.parse(JSON.stringify(schema));

enum Colour {
  Red = 'red',
  Blue = 'blue',
}

/** What each rule is given that takes something. Every other one is used without. */
const ARGUMENTS: Record<string, unknown[][]> = {
  Equals: [['a'], [1], [true], [{}]],
  NotEquals: [['a'], [1], [{}]],
  IsIn: [[['a', 'b']], [[1, 2]], [['a', 1]], [[]], [[{}]]],
  IsNotIn: [[['a', 'b']], [['a', 1]], [[]]],
  IsEnum: [[Colour]],
  IsDivisibleBy: [[3]],
  Min: [[3]],
  Max: [[3]],
  MinDate: [[new Date(0)]],
  MaxDate: [[new Date(0)]],
  MinLength: [[2]],
  MaxLength: [[2]],
  Length: [[2, 5], [2], [0, 0]],
  IsByteLength: [[2, 5]],
  Matches: [[/^a+$/i]],
  Contains: [['x']],
  NotContains: [['x']],
  IsIP: [[], [4], ['6'], ['4']],
  ArrayContains: [[['a', 1]], [[]], [[{}]]],
  ArrayNotContains: [[['a', 1]], [[]], [[{}]]],
  ArrayMinSize: [[1]],
  ArrayMaxSize: [[4]],
  IsInstance: [[Date]],
  IsIdentityCard: [['any']],
  IsPassportNumber: [['DE']],
  IsPostalCode: [['any']],
  IsHash: [['md5']],
  IsTaxId: [['de-DE']],
};
/** These make no rule of a field by themselves. */
const NO_RULES = ['Validate', 'ValidateBy', 'ValidateIf', 'ValidatePromise', 'ValidatorConstraint'];
type Decorator = PropertyDecorator;
const DECORATORS = Object.entries(rules as unknown as Record<string, (...given: unknown[]) => Decorator>)
  .filter(([name, value]) => typeof value === 'function' && /^[A-Z]/.test(name) && isDecorator(name, value))
  .flatMap(([name, decorator]) =>
    (ARGUMENTS[name] ?? [[]]).map((given): [string, () => Decorator] => [`${name}(${JSON.stringify(given)})`, () => decorator(...given)]),
  );

function isDecorator(name: string, value: (...given: unknown[]) => unknown): boolean {
  if (NO_RULES.includes(name) || value.toString().startsWith('class')) return false;
  return ARGUMENTS[name] !== undefined || typeof value() === 'function';
}

/** A class with one field, of any rules. */
function fieldOf(decorators: Decorator[], type: unknown = String): Class {
  class Payload {}
  Reflect.defineMetadata('design:type', type, Payload.prototype, 'field');
  for (const decorate of decorators) decorate(Payload.prototype, 'field');
  return Payload;
}

@rules.ValidatorConstraint({ name: 'isEven' })
class IsEven {
  validate(value: unknown) {
    return Number(value) % 2 === 0;
  }
}
class Point {
  @IsInt() x!: number;
}
class Base {
  @IsInt() @Min(1) count!: number;
  @IsString() name!: string;
  @IsOptional() @IsInt() limit?: number;
  @IsString() @Exclude() secret!: string;
}
class Whole extends Base {
  @Max(9) declare count: number;
  @IsOptional() declare name: string;
  @IsString() @Expose({ name: 'shown_as' }) renamed!: string;
  @IsArray() @ValidateNested({ each: true }) @Type(() => Point) points!: Point[];
  @ValidateNested() @Type(() => Point) centre!: Point;
  @ValidateNested() undeclared!: Point;
  @IsInt({ each: true }) @Type(() => Number) byName!: Map<string, number>;
  @IsIn(['a', 'b'], { each: true }) letters!: string[];
  @Allow() anything: unknown;
  @Validate(IsEven) even!: number;
  @ValidateIf(() => true) @IsEnum(Colour) colour!: Colour;
  @IsEmpty() nothing: unknown;
}
class Further extends Whole {}
class WithoutRules {}
@JSONSchema({ description: 'of the class', properties: { text: { example: 'a' } } })
class Described {
  @IsString() @MaxLength(9) @JSONSchema({ description: 'of the field', maxLength: 5 }) text!: string;
  @IsInt() @JSONSchema((schema) => ({ ...schema, format: 'int32' })) number!: number;
}

describe('the schema of a class', () => {
  test.each(DECORATORS)('has for @%s what class-validator-jsonschema has', (_, decorator) => {
    const target = fieldOf([decorator()]);
    expect(asJson(classSchema(target))).toEqual(asJson(expectedOf(target)));
  });

  test.each([Point, Base, Whole, Further, WithoutRules, Described])('has for inherited, nested, renamed and left-out fields the same too: %p', (target) => {
    expect(asJson(classSchema(target))).toEqual(asJson(expectedOf(target)));
    expect(Object.keys(classSchema(target)['properties'] ?? {})).toEqual(Object.keys(expectedOf(target).properties ?? {}));
  });

  test('merges several rules of a field as class-validator-jsonschema does', () => {
    const type = fc.constantFrom<unknown>(String, Number, Boolean, Symbol, Array, Object, Point, undefined);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...DECORATORS), { minLength: 1, maxLength: 4 }), type, (chosen, declared) => {
        const target = fieldOf(
          chosen.map(([, decorator]) => decorator()),
          declared,
        );
        expect(asJson(classSchema(target))).toEqual(asJson(expectedOf(target)));
      }),
      { numRuns: 300 },
    );
  });

  test('is there for a class without a name', () => {
    const [target] = [
      class {
        field!: string;
      },
    ];
    IsString()(target.prototype, 'field');
    expect(classSchema(target)).toEqual({ type: 'object', properties: { field: { type: 'string' } }, required: ['field'] });
  });
});
