import { filterFaults, isUuid, JOB_FILTER_FIELDS, JOB_ORDERS, type JobFilter, parseTimeOrDate, readJobFilter, Refusal } from '@app/core';
import { withoutUndefined } from '@app/host';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** Reads query parameters; refuses unknown ones, repeated ones and values that do not fit, naming the parameter. */
export class QueryReader {
  constructor(
    private readonly query: Record<string, unknown>,
    known: readonly string[],
  ) {
    const unknown = Object.keys(query).find((name) => !known.includes(name));
    if (unknown !== undefined) throw refused(unknown, `one of ${known.join(', ')}`);
  }

  /**
   * Reads the query of a stream. `EventSource` gives up for ever at the first 400, and its replacements in old browsers add parameters of their own.
   * So unknown parameters are ignored, and of a repeated one among `repeated` the last counts, which such a client has added.
   */
  static tolerant(query: Record<string, unknown>, known: readonly string[], repeated: readonly string[]): QueryReader {
    const entries = known.flatMap((name): [string, unknown][] => {
      const value = query[name];
      return value === undefined ? [] : [[name, repeated.includes(name) && Array.isArray(value) ? value.at(-1) : value]];
    });
    return new QueryReader(Object.fromEntries(entries), known);
  }

  text(name: string): string | undefined {
    const value = this.query[name];
    if (value === undefined || value === '') return undefined;
    if (typeof value !== 'string' || value.length > 500 || value.includes('\u0000')) throw refused(name, 'one text');
    return value;
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.text(name);
    if (value !== undefined && !(choices as readonly string[]).includes(value)) throw refused(name, choices.join(', '));
    return value as Choice | undefined;
  }

  /** Reads `cursor`. Text that no answer had as its `nextCursor` is refused. */
  cursor(isOne: (value: string) => boolean = isUuid): string | undefined {
    const value = this.text('cursor');
    if (value !== undefined && !isOne(value)) throw refused('cursor', 'what nextCursor of the page before said');
    return value;
  }

  /** Reads the id of another resource. Text that is no UUID would match nothing, so it is refused. */
  id(name: string): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !isUuid(value)) throw refused(name, 'an id');
    return value;
  }

  time(name: string): Date | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const time = parseTimeOrDate(withPlus(value));
    if (!time) throw refused(name, 'a date, or an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z');
    return time;
  }

  number(name: string, min: number, max: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,6}$/.test(value) || Number(value) < min || Number(value) > max) throw refused(name, `a whole number from ${min} to ${max}`);
    return Number(value);
  }

  limit(): number {
    return this.number('limit', 1, MAX_LIMIT) ?? DEFAULT_LIMIT;
  }
}

const A_CURSOR = 'what nextCursor or previousCursor of another page said';

/** Reads the query of a list of jobs; `counted`: how many there are is asked for too. */
export function readListQuery(query: Record<string, unknown>): { filter: JobFilter; counted: boolean } {
  const reader = new QueryReader(query, [...JOB_FILTER_FIELDS, 'tenant', 'order', 'count', 'cursor', 'limit']);
  const cursor = reader.text('cursor');
  if (cursor !== undefined && !isUuid(cursor.replace(/^-/, ''))) throw refused('cursor', A_CURSOR);
  const order = reader.oneOf('order', JOB_ORDERS);
  const counted = reader.oneOf('count', ['true', 'false'] as const) === 'true';
  // An empty parameter is that of a form in which nothing was chosen.
  const given = JOB_FILTER_FIELDS.map((name) => [name, asWritten(query[name], TIMES.includes(name))] as const).filter(([, value]) => value !== undefined);
  const { conditions, faults } = readJobFilter(Object.fromEntries(given));
  const [fault] = filterFaults(faults);
  if (fault) throw refused(fault.pointer.split('/')[1] ?? '', fault.detail.replace(/^must be /, ''));
  return { filter: { ...conditions, ...withoutUndefined({ cursor: cursor?.toLowerCase(), order }), limit: reader.limit() }, counted };
}

const TIMES: readonly string[] = JOB_FILTER_FIELDS.filter((name) => /From$|To$/.test(name));

function asWritten(value: unknown, isTime: boolean): unknown {
  if (Array.isArray(value)) {
    const written = value.filter((one) => one !== '');
    return written.length === 0 ? undefined : written;
  }
  if (value === '') return undefined;
  return isTime && typeof value === 'string' ? withPlus(value) : value;
}

/** The plus of a time's offset becomes a space in a URL when it was not encoded. */
const withPlus = (time: string): string => time.replace(/ (\d\d:\d\d)$/, '+$1');

function refused(name: string, expected: string): Refusal {
  return new Refusal('malformed_request', `expected query parameter ${JSON.stringify(name.slice(0, 50))} to be ${expected}`);
}
