import 'reflect-metadata';
import { Refusal } from '@app/core';
import { readBulk, readFilter } from './read-letters.js';

describe('which dead letters an act on many is for', () => {
  test.each(['reason', 'kind', 'queue', 'source', 'group', 'from', 'to'])(
    'is refused by pointer where its %s is empty, and never read as all (C28)',
    (name) => {
      const other = name === 'kind' ? { queue: 'default' } : { kind: 'debug.echo' };
      for (const body of [{ [name]: '' }, { [name]: '', ...other }, { ...other, [name]: '' }]) {
        let refusal: unknown;
        try {
          readBulk(body);
        } catch (error) {
          refusal = error;
        }
        expect(refusal).toBeInstanceOf(Refusal);
        expect(refusal).toMatchObject({
          code: 'invalid_payload',
          faults: [{ pointer: `/${name}`, detail: expect.stringContaining('must not be empty') as string }],
        });
      }
    },
  );

  test('is every one where it says so, and no other way', () => {
    expect(readBulk({ all: true }).filter).toEqual(readFilter({}));
    for (const body of [undefined, {}, { all: false }, { dryRun: true }, { note: {} }]) expect(() => readBulk(body)).toThrow('expected a filter');
  });

  test('may be chosen by a form on a list, whose empty fields are no conditions', () => {
    expect(readFilter({ reason: '', kind: '', group: '' })).toEqual(readFilter({}));
  });
});
