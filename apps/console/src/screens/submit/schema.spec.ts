import { initialOf, limitWords, shapeOf, withMember } from './schema';

test('each value is asked for by the field that fits its schema, and as JSON where none does', () => {
  expect(shapeOf({ type: 'string', enum: ['year', 'month'] })).toBe('choice');
  expect(shapeOf({ type: 'array', items: { type: 'string', enum: ['csv', 'pdf'] } })).toBe('choices');
  expect(shapeOf({ type: 'array', items: { type: 'object', properties: { column: { type: 'string' } } } })).toBe('list');
  expect(
    shapeOf({
      oneOf: [
        { type: 'string', format: 'date' },
        { type: 'string', format: 'date-time' },
      ],
    }),
  ).toBe('text');
  expect(shapeOf({ type: 'object', additionalProperties: { type: 'string' } })).toBe('json');
  expect(shapeOf({ type: 'array', items: {} })).toBe('json');
  expect(shapeOf({})).toBe('json');
});

test('what a value has to be is said in a few words', () => {
  expect(limitWords({ type: 'string', minLength: 1, maxLength: 200 })).toBe('1 to 200 characters');
  expect(limitWords({ type: 'array', minItems: 1, maxItems: 10 })).toBe('1 to 10 entries');
  expect(limitWords({ type: 'integer', minimum: 0 })).toBe('A whole number, at least 0');
  expect(limitWords({ type: 'string', minLength: 1 })).toBe('');
  expect(limitWords({ type: 'string', format: 'uuid' })).toBe('A UUID');
  expect(limitWords({ type: 'string', pattern: '^[A-Z]{3}$' })).toBe('A to Z, 3 characters');
});

test('members stay in the order of the schema, and those that are left out go', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string', default: 'x' } } };
  expect(initialOf(schema)).toEqual({ b: 'x' });
  expect(Object.entries(withMember(schema, { b: 'x', other: 1 }, 'a', 'y'))).toEqual([['a', 'y'], ['b', 'x'], ['other', 1]]); // prettier-ignore
  expect(withMember(schema, { a: 'y', b: 'x' }, 'a', undefined)).toEqual({ b: 'x' });
});
