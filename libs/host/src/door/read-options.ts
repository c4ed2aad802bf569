import { isIntegerIn, isKey, type JobOption, JOB_OPTIONS, parseDuration, parseTime, Refusal, type SubmitOptions } from '@app/core';

type Reader = (value: unknown, option: JobOption, at: string, more: { at: string; value: unknown; values: readonly string[] } | undefined) => unknown;

/** The reader of each form of option. Options of a form without a reader have no header. */
const READERS: Partial<Record<JobOption['form'], Reader>> = {
  name: (value, _option, at) => {
    if (typeof value !== 'string') throw badOption(at, 'a string', value);
    return value;
  },
  duration: (value, option, at) => wholeNumber(value, option, at, 'milliseconds'),
  moment: (value, _option, at) => {
    // Some clients send every header as text.
    const given = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
    const readable =
      typeof given === 'string' ? parseTime(given) !== undefined || parseDuration(given) !== undefined : isIntegerIn(given, 0, Number.MAX_SAFE_INTEGER);
    if (!readable) throw new Refusal('malformed_request', `expected ${at} to be an RFC 3339 time, or how long from now, such as "1h", got: ${shown(value)}`);
    return given;
  },
  integer: (value, option, at) => wholeNumber(value, option, at, 'a whole number'),
  key: readKey,
  unique: (value, option, at, more) => {
    if (more && value === undefined) throw badOption(at, `given with ${more.at}`, null);
    const key = readKey(value, option, at);
    if (more?.value === undefined) return { key };
    if (!more.values.includes(more.value as string)) throw badOption(more.at, `one of ${more.values.join(', ')}`, more.value);
    return { key, keep: more.value };
  },
};

const OPTIONS = Object.entries<JobOption>(JOB_OPTIONS);
const IN_HEADERS = OPTIONS.flatMap(([name, option]) => {
  const read = READERS[option.form];
  return read && option.amqp && 'header' in option.amqp ? [{ name, option, at: option.amqp.header, more: option.amqp.more, read }] : [];
});

/** The options of a message of `longhaul.submit`, from its headers and its priority. Throws a `Refusal` that names the first invalid one. */
export function readOptions(headers: Record<string, unknown>, { priority }: { priority?: unknown }): SubmitOptions {
  const options: Record<string, unknown> = {};
  for (const { name, option, at, more, read } of IN_HEADERS) {
    const second = more && headers[more.header] !== undefined ? { at: more.header, value: headers[more.header], values: more.values } : undefined;
    if (headers[at] !== undefined || second) options[name] = read(headers[at], option, at, second);
  }
  // Clients that set no priority send 0.
  if (priority !== undefined && priority !== 0) {
    if (!isIntegerIn(priority, 0, 255)) throw badOption('priority', 'from 0 to 255', priority);
    // RabbitMQ treats a priority above the highest one of a queue like this too.
    options['priority'] = Math.min(priority, JOB_OPTIONS.priority.max);
  }
  return options;
}

function readKey(value: unknown, option: JobOption, at: string): string {
  if (!isKey(value, option)) throw badOption(at, `${option.min} to ${option.max} printable characters`, value);
  return value;
}

/** Some clients send every header as text. */
function wholeNumber(given: unknown, { min, max }: JobOption, at: string, what: string): number {
  const value = typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : given;
  if (!isIntegerIn(value, min, max)) throw badOption(at, `${what} from ${min} to ${max}`, given);
  return value;
}

function badOption(name: string, expected: string, got: unknown): Refusal {
  return new Refusal('invalid_payload', `expected ${name} to be ${expected}, got: ${shown(got)}`);
}

/** The JSON of a decoded AMQP value, which is never undefined. */
export function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 100);
}
