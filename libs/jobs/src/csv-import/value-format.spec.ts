import { copyOf } from './column-types.js';
import { DATE_FORMAT } from './date-format.js';
import { ValueFormat, type ValueRules } from './value-format.js';

const format = (rules: ValueRules) => ValueFormat.of(rules);
const bytes = (text: string) => Buffer.from(text).toString('latin1');

describe('the format of values', () => {
  it('costs nothing where nothing is said', () => {
    expect(format({})).toBeUndefined();
    expect(format({ nullValues: [], trim: false })).toBeUndefined();
  });

  it.each<[ValueRules, string, string]>([
    [{ decimal: ',' }, '-1234,50', '-1234.50'],
    [{ decimal: ',' }, ',5', '.5'],
    [{ thousands: ',' }, '1,234,567.890', '1234567.890'],
    [{ thousands: '_' }, '1_000', '1000'],
    [{ thousands: ' ', decimal: ',' }, '12 345,6', '12345.6'],
    [{ thousands: '.' }, '1.5e3', ''],
    [{ thousands: '.' }, '1,5e3', '1.5e3'],
    [{ thousands: ',' }, '1,,234', ''],
    [{ thousands: ',' }, ',234', ''],
    [{ thousands: ',' }, '1234,567', ''],
    [{ currency: '$' }, '$1.50', '1.50'],
    [{ currency: '$' }, '-$1.50', '-1.50'],
    [{ currency: '$' }, '$-1.50', '-1.50'],
    [{ currency: '$', thousands: ',' }, '($1,234.00)', '-1234.00'],
    [{ currency: 'CHF' }, '\u22121.50 CHF', '-1.50'],
    [{ currency: '€' }, '(-1 €)', ''],
    [{ currency: '€' }, '€', ''],
    [{ decimal: ',' }, '--1', ''],
    [{ decimal: ',' }, '.', ''],
    [{ decimal: ',' }, ',', ''],
  ])('with %j reads the number %j as %j', (rules, value, number) => {
    expect(format(rules)?.number(bytes(value))).toBe(number);
  });

  it.each([
    ['DD.MM.YYYY', '01.02.2026', '2026-02-01'],
    ['D.M.YY', '1.2.68', '2068-02-01'],
    ['D.M.YY', '1.2.69', '1969-02-01'],
    ['MM/DD/YYYY', '02/01/2026', '2026-02-01'],
    ['D MMM YYYY', '1 feb 2026', '2026-02-01'],
    ['MMMM D, YYYY', 'February 1, 2026', '2026-02-01'],
    ['YYYYMMDD', '20260201', '2026-02-01'],
    ['DD.MM.YYYY', '2026-02-01', '2026-02-01'],
    ['DD.MM.YYYY', '31.02.2026', undefined],
    ['YYYY-DD-MM', '2026-01-31', undefined],
    ['DD.MM.YYYY HH:mm', '01.02.2026 10:00', undefined],
    ['DD.MM.YYYY', '1.2.2026', undefined],
  ])('%s reads the date %j as %j', (dateFormat, value, date) => {
    expect(format({ dateFormat })?.date(value)).toBe(date);
  });

  it.each([
    [{ dateFormat: 'DD.MM.YYYY HH:mm:ss' }, '01.02.2026 23:59:58', '2026-02-01 23:59:58+00'],
    [{ dateFormat: 'MM/DD/YYYY hh:mm A' }, '02/01/2026 12:05 am', '2026-02-01 00:05:00+00'],
    [{ dateFormat: 'M/D/YY h:mm A' }, '2/1/26 1:05 PM', '2026-02-01 13:05:00+00'],
    [{ dateFormat: 'M/D/YY h:mm A' }, '2/1/26 13:05 PM', undefined],
    [{ dateFormat: 'DD.MM.YYYY HH:mm' }, '01.02.2026 24:00', undefined],
    [{ dateFormat: 'DD.MM.YYYY' }, '01.02.2026 9:30:00.25', '2026-02-01 09:30:00.25+00'],
    [{ dateFormat: 'DD.MM.YYYY' }, '01.02.2026', '2026-02-01 00:00:00+00'],
    [{ timeZone: 'Europe/Berlin' }, '2026-02-01 10:00', '2026-02-01 10:00:00 Europe/Berlin'],
    [{ timeZone: 'Europe/Berlin' }, '2026-02-01T10:00:00Z', '2026-02-01 10:00:00+00'],
    [{ timeZone: 'Europe/Berlin', dateFormat: 'DD.MM.YYYY' }, '01.02.2026 10:00+05:30', '2026-02-01 10:00:00+05:30'],
    [{ timeZone: 'Europe/Berlin', dateFormat: 'DD.MM.YYYY' }, '01.02.2026', '2026-02-01 00:00:00 Europe/Berlin'],
  ])('%j reads the instant %j as %j', (rules, value, instant) => {
    expect(format(rules)?.timestamp(value)).toBe(instant);
  });

  it.each(['DD.MM.YYYY', 'D/M/YY', 'MMM D, YYYY', 'YYYY-MM-DDTHH:mm:ss.SSS', 'hh:mm A MM/DD/YYYY'])('may be %s', (text) => {
    expect(text).toMatch(DATE_FORMAT);
    expect(() => format({ dateFormat: text })).not.toThrow();
  });

  it.each([
    '',
    'dd.mm.yyyy',
    'DD.mm.YYYY',
    'DD.MM',
    'DD.MM.YYYY YY',
    'DD DD.MM.YYYY',
    'DD.MM.YYYY mm',
    'DD.MM.YYYY HH hh',
    'DD.MM.YYYY HH:mm:mm',
    '%d.%m.%Y',
    'DD.MM.YYYY HHH',
    'MMMMM D YYYY',
  ])('may not be %j', (text) => {
    expect(text).not.toMatch(DATE_FORMAT);
  });

  it('makes a field that means nothing NULL, whatever its type', () => {
    const nulls = format({ nullValues: ['NA', ' n/a ', '\u2013', 'à'] });
    for (const value of ['', 'NA', ' NA ', 'n/a', '\u2013', 'à'])
      for (const type of ['text', 'integer', 'date'] as const) expect([value, copyOf(type, bytes(value), nulls)]).toEqual([value, '\\N']);
    expect(copyOf('text', 'na', nulls)).toBe('na');
    expect(copyOf('integer', 'na', nulls)).toBeUndefined();
  });

  it('leaves blanks to text alone, and takes them off where it trims', () => {
    expect([copyOf('text', '  ', undefined), copyOf('integer', ' \t', undefined), copyOf('date', ' ', undefined)]).toEqual(['  ', '\\N', '\\N']);
    const trims = format({ trim: true });
    expect([copyOf('text', bytes(' à '), trims), copyOf('text', '  ', trims)]).toEqual([bytes('à'), '\\N']);
  });
});
