import pg from 'pg';

const { TIMESTAMPTZ } = pg.types.builtins;
const ZERO = 48;
/** `2026-11-28 21:42:00+00`, and with six digits of a second. */
const [SHORTEST, LONGEST] = [22, 29];

/** As node-postgres reads values, but a time in UTC, of which each claimed job has some, in a tenth of the time. */
export const VALUE_PARSERS: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === TIMESTAMPTZ && format !== 'binary' ? readTime : driversParser(oid, format)),
};

/** Its types name the oids that it knows, and it takes any. */
const driversParser = pg.types.getTypeParser as (oid: number, format?: string) => (text: string) => Date;
const parseAny = driversParser(TIMESTAMPTZ);

/** The time to the millisecond, cut off. Of the years 1000 to 9999 in UTC, which is the session's zone; the driver's own way reads all others, and infinity. */
export function readTime(text: string): Date {
  const { length } = text;
  if (length < SHORTEST || length > LONGEST || !text.endsWith('+00') || text.charCodeAt(4) !== 45 || text.charCodeAt(0) === ZERO) return parseAny(text);
  // Digits that are not there are those of the zone's sign and of what follows, so they are counted by the length.
  const digits = length - SHORTEST - 1;
  const ms = digits <= 0 ? 0 : digits === 1 ? digit(text, 20) * 100 : digits === 2 ? number2(text, 20) * 10 : number2(text, 20) * 10 + digit(text, 22);
  const year = number2(text, 0) * 100 + number2(text, 2);
  return new Date(Date.UTC(year, number2(text, 5) - 1, number2(text, 8), number2(text, 11), number2(text, 14), number2(text, 17), ms));
}

function number2(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - ZERO;
}
