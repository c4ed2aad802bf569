import fc from 'fast-check';
import { readTime } from './value-parsers.js';

/** As PostgreSQL writes it in UTC: without the zeros at the end of a fraction. */
function written(time: Date, micros: number): string {
  const fraction = `${String(time.getUTCMilliseconds()).padStart(3, '0')}${String(micros).padStart(3, '0')}`.replace(/0+$/, '');
  return `${time.toISOString().slice(0, 19).replace('T', ' ')}${fraction && `.${fraction}`}+00`;
}

describe('a time of PostgreSQL', () => {
  test('is read to the millisecond, whatever its fraction', () => {
    const time = fc.date({ min: new Date('1000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
    fc.assert(
      fc.property(time, fc.oneof(fc.constant(0), fc.nat(999)), fc.boolean(), (time, micros, whole) => {
        if (whole) time.setUTCMilliseconds(0);
        expect(readTime(written(time, whole ? 0 : micros)).toISOString()).toBe(time.toISOString());
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['before the year 1000', '0044-03-15 12:00:00+00', '0044-03-15T12:00:00.000Z'],
    ['before Christ', '0044-03-15 12:00:00+00 BC', '-000043-03-15T12:00:00.000Z'],
    ['beyond the year 9999', '12026-01-02 03:04:05+00', '+012026-01-02T03:04:05.000Z'],
    ['in another zone', '2026-01-02 03:04:05.25+05:45', '2026-01-01T21:19:05.250Z'],
  ])('%s is read as the driver reads it', (_, text, iso) => {
    expect(readTime(text).toISOString()).toBe(iso);
  });

  test('without end stays so', () => {
    expect(readTime('infinity')).toBe(Infinity);
  });
});
