const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const MINUTE = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
const EXACT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });

export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What stands for an empty value. */
export const NONE = '–';

export function number(value: number): string {
  return NUMBER.format(value);
}

/** `1 job`, `12 jobs`, `1,403 jobs`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** `0.041 s`, `9.2 s`, `58 s`, `7 min 01 s`, `3 h 20 min`, `2 d 4 h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds === 0) return '0 s';
  if (seconds < 0.1) return `${seconds.toFixed(3)} s`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${seconds.toFixed(0)} s`;
  const whole = Math.round(seconds);
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3_600)} h ${String(Math.floor(whole / 60) % 60).padStart(2, '0')} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor(whole / 3_600) % 24} h`;
}

const SPAN_UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A length of time that somebody has set: `15 min`, `90 s`, `1 d`; also of a text of the API, `1h30m`. */
export function span(set: number | string): string {
  if (typeof set === 'string')
    return set.replaceAll(/(\d)\s*(ms|[smhd])(?=\d|$)/g, (_, digit: string, unit: string) => `${digit} ${unit === 'm' ? 'min' : unit} `).trim();
  const [unit, size] = SPAN_UNITS.find(([, each]) => set >= each && set % each === 0) ?? ['ms', 1];
  return `${String(set / size)} ${unit}`;
}

/** `88 kB`, `3.1 MB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1_000;
    unit++;
  }
  return `${unit === 0 || size >= 10 ? size.toFixed(0) : size.toFixed(1)} ${units[unit] ?? ''}`;
}

/** `14:30:21`; of another day also the day. */
export function clock(time: Date, now = new Date()): string {
  return isSameDay(time, now) ? CLOCK.format(time) : `${DAY.format(time)}, ${MINUTE.format(time)}`;
}

/** For estimates: `14:36`, `Fri 27 Nov, 06:00`. */
export function aboutClock(time: Date, now = new Date()): string {
  return isSameDay(time, now) ? MINUTE.format(time) : `${DAY.format(time)}, ${MINUTE.format(time)}`;
}

/** With thousandths, for lines of a log. */
export function preciseClock(time: Date): string {
  return `${CLOCK.format(time)}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

/** Relative below an hour, of the clock above: `3 s ago`, `12 min ago`, `13:02:11`. */
export function ago(time: Date, now = new Date()): string {
  const seconds = Math.round((now.getTime() - time.getTime()) / 1_000);
  if (seconds < 0) return seconds > -60 ? `in ${-seconds} s` : seconds > -3_600 ? `in ${Math.round(-seconds / 60)} min` : aboutClock(time, now);
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  return clock(time, now);
}

/** In the reader's zone, in full: for the title of a time. */
export function exact(time: Date): string {
  return `${EXACT.format(time)} (${ZONE})\n${time.toISOString()}`;
}

function isSameDay(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString();
}

/** The end of an id, which differs where ids of one moment begin alike: `…7a2d76`. */
export function shortId(id: string): string {
  return `…${id.slice(-6)}`;
}

/** Who runs it, short enough for a bar: the process id of `host:pid`. */
export function workerName(worker: string): string {
  return worker.split(':').at(-1) ?? worker;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** The beginning as a sentence begins. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Of a submission: what a person fills in is inside. */
const OUTER: ReadonlySet<string> = new Set(['options', 'payload']);

/** What a JSON pointer leads to, in words: `/options/maxAttempts` is `Max attempts`, `/notify/0/to` is `Notify no. 1, to`. */
export function pointerWords(pointer: string): string {
  const names = pointer.split('/').slice(1);
  const inner = names.length > 1 && OUTER.has(names[0] ?? '') ? names.slice(1) : names;
  const words = inner.map((name) =>
    /^\d+$/.test(name)
      ? ` no. ${String(Number(name) + 1)}`
      : `, ${name
          .replaceAll('~1', '/')
          .replaceAll('~0', '~')
          .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`,
  );
  return sentence(words.join('').replace(/^,? /, ''));
}
