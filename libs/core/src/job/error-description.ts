import { inspect, types } from 'node:util';

/** What an error says of itself, or of what led to it. */
export interface ErrorCause {
  name: string;
  message: string;
  /** The error's own code, e.g. `ECONNREFUSED`. */
  code?: string;
  cause?: ErrorCause;
  /** Of an `AggregateError`: the first of what failed. */
  errors?: ErrorCause[];
}

export interface ErrorDescription extends ErrorCause {
  stack?: string;
}

const MAX_MESSAGE = 2_000;
const MAX_CAUSE_MESSAGE = 500;
const MAX_STACK = 4_000;
const MAX_DEPTH = 5;
const MAX_ERRORS = 5;
/** Of causes and errors together, as JSON. */
const MAX_CAUSES = 4_000;
const UNPRINTABLE = 'something that cannot be printed';

/** Errors that were described in another process. */
const described = new WeakMap<object, ErrorDescription>();

/** From here on the error is described so: it has come from another process, which knows it better. */
export function describeAs<Thrown extends Error>(error: Thrown, description: ErrorDescription): Thrown {
  described.set(error, description);
  return error;
}

/**
 * What is kept of a thrown value: name, message, stack, what caused it; bounded, printable, without what a database refuses.
 * Never throws, whatever was thrown.
 */
export function describeError(error: unknown): ErrorDescription {
  const known = typeof error === 'object' && error !== null ? described.get(error) : undefined;
  if (known) return known;
  const budget = { left: MAX_CAUSES };
  const seen = new Set([error]);
  const own = ofValue(error, MAX_MESSAGE);
  const because = causesOf(error, 1, seen, budget);
  const stack = isError(error) ? printable(() => stackOf(error), MAX_STACK) : '';
  return { ...own, ...because, message: own.message || summary(because), ...(stack === '' ? {} : { stack }) };
}

/**
 * What `decide` makes of a thrown value. One that cannot be looked at, such as a Proxy whose traps throw, is an error that says so:
 * whoever decides what becomes of an attempt asks for its class and its members.
 */
export function ofThrown<Decision>(thrown: unknown, decide: (thrown: unknown) => Decision): Decision {
  try {
    return decide(thrown);
  } catch {
    return decide(new Error(UNPRINTABLE));
  }
}

/** Any value as a line for people: an error by name and message, an object by what it holds. Never throws. */
export function lineOf(value: unknown, length: number): string {
  const read = () => {
    if (typeof value === 'string') return value;
    return isError(value) ? `${value.name}: ${describeError(value).message}` : inspected(value);
  };
  return printable(read, length, '');
}

export function printable(read: () => unknown, length: number, nul = '\ufffd'): string {
  let text: string;
  try {
    text = String(read());
  } catch {
    // An object without a prototype, or a getter that throws.
    text = UNPRINTABLE;
  }
  return text.slice(0, length).toWellFormed().replaceAll('\u0000', nul);
}

function ofValue(value: unknown, length: number): ErrorCause {
  if (!isError(value)) return { name: printable(() => nameOf(value), 200), message: printable(() => messageOf(value), length) };
  const code = codeOf(value);
  return {
    name: printable(() => value.name, 200),
    message: printable(() => value.message, length),
    ...(code === undefined ? {} : { code }),
  };
}

function causesOf(error: unknown, depth: number, seen: Set<unknown>, budget: { left: number }): Pick<ErrorCause, 'cause' | 'errors'> {
  const { cause, errors } = read(error);
  const of = (value: unknown): ErrorCause | undefined => {
    if (depth > MAX_DEPTH || seen.has(value)) return undefined;
    seen.add(value);
    const own = ofValue(value, MAX_CAUSE_MESSAGE);
    budget.left -= JSON.stringify(own).length + 20;
    if (budget.left < 0) return undefined;
    const because = causesOf(value, depth + 1, seen, budget);
    return { ...own, ...because, message: own.message || summary(because) };
  };
  const first = cause === undefined || cause === null ? undefined : of(cause);
  const several = errors.flatMap((one) => of(one) ?? []);
  return { ...(first ? { cause: first } : {}), ...(several.length > 0 ? { errors: several } : {}) };
}

function read(error: unknown): { cause: unknown; errors: unknown[] } {
  try {
    const { cause, errors } = error as { cause?: unknown; errors?: unknown };
    // Only an error's: an object that somebody threw is shown as a whole.
    return isError(error) ? { cause, errors: Array.isArray(errors) ? errors.slice(0, MAX_ERRORS) : [] } : { cause: undefined, errors: [] };
  } catch {
    return { cause: undefined, errors: [] };
  }
}

/** Some errors have no message of their own, e.g. the one for a host of which no address answered. */
function summary({ cause, errors = [] }: Pick<ErrorCause, 'cause' | 'errors'>): string {
  return [...errors, ...(cause ? [cause] : [])]
    .map(({ message }) => message)
    .join('; ')
    .slice(0, MAX_CAUSE_MESSAGE)
    .toWellFormed();
}

function isError(value: unknown): value is Error {
  try {
    return types.isNativeError(value) || value instanceof Error;
  } catch {
    // A Proxy that does not even tell its class, or that was revoked.
    return false;
  }
}

function nameOf(value: unknown): string {
  const name = typeof value === 'object' && value !== null ? (value as { name?: unknown }).name : undefined;
  return typeof name === 'string' && name !== '' ? name : typeof value;
}

/** Of what was thrown and is no error. Many libraries throw objects with a message, and perhaps a code. */
function messageOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { code, message } = value as { code?: unknown; message?: unknown };
  if (typeof message !== 'string' || message === '') return inspected(value);
  return typeof code === 'string' || typeof code === 'number' ? `${code}: ${message}` : message;
}

function codeOf(error: Error): string | undefined {
  try {
    const { code } = error as { code?: unknown };
    return typeof code === 'string' || typeof code === 'number' ? printable(() => code, 100) : undefined;
  } catch {
    return undefined;
  }
}

function stackOf(error: Error): string {
  const { stack } = error;
  return typeof stack === 'string' ? stack : '';
}

/** Without running anything of the value: no getters, no `inspect` of its own. */
function inspected(value: unknown): string {
  return inspect(value, { depth: 3, breakLength: Infinity, customInspect: false, maxArrayLength: 20, maxStringLength: 500 });
}
