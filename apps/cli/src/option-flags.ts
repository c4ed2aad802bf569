import { JOB_OPTIONS } from '@app/client';

const WIDTH = 100;

/** The options of a job as flags of `submit`: `maxAttempts` is `--max-attempts`, and a list takes one entry for each flag (`--tag`). */
export const OPTION_FLAGS = Object.entries(JOB_OPTIONS).map(([name, { is, shown }]) => {
  const words = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return { name, flag: is === 'texts' ? words.replace(/s$/, '') : words, is, shown };
});

/** Options that are a length of time. */
export const SPANS: readonly string[] = ['delay', 'startBefore', 'timeout'];

/** A length of time as the API takes it: milliseconds are a number there, and every value of a command line is a text. */
export function spanValue(value: string | boolean | string[] | undefined): typeof value | number {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
}

/** Which of two jobs with one unique key stays. */
export const KEEP_FLAG = 'unique-keep';

/** Joins the parts to indented lines of limited length. */
export function linesOf(parts: readonly string[]): string {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = `${lines.at(-1) ?? ''}  ${part}`;
    if (lines.length > 0 && longer.length <= WIDTH) lines[lines.length - 1] = longer;
    else lines.push(`  ${part}`);
  }
  return lines.join('\n');
}
