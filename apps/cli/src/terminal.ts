import { type Cancellation, type DryRun, type JobDetail, type JobPage, type JobState, type JobView, type WhyView, writeJson } from '@app/client';
import { dryRunRows, whyRows } from './why-text.js';

/** Counts end here. */
const MOST_COUNTED = 10_000;
const COLOURS: Record<JobState, number> = { scheduled: 36, queued: 36, running: 33, succeeded: 32, failed: 31, cancelled: 35 };

/** What a terminal would obey: control characters but tabs and line ends, and what turns the direction of a text. */
const OBEYED = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
/** The same, but for the colours of `state`. */
const NOT_OURS = new RegExp(`\u001b\\[3[1-6]m[a-z]+\u001b\\[0m|${OBEYED.source}`, 'gu');

/**
 * A text with escapes, as JSON has them, in place of what a terminal would obey. Jobs, their logs and their errors say what others have written, who could otherwise
 * hide lines, change the title of the window, or make the terminal type something.
 */
export function harmless(text: string, obeyed = OBEYED): string {
  return text.replaceAll('\r\n', '\n').replace(obeyed, (met) => (met.length > 1 ? met : `\\u${met.charCodeAt(0).toString(16).padStart(4, '0')}`));
}

/** Writes for people, in color where the terminal shows it and NO_COLOR does not forbid it. */
export class Terminal {
  readonly interactive: boolean;
  private readonly coloured: boolean;

  constructor(
    readonly out: NodeJS.WriteStream,
    readonly err: NodeJS.WriteStream,
    env: NodeJS.ProcessEnv,
  ) {
    this.interactive = err.isTTY;
    this.coloured = out.isTTY && (env['NO_COLOR'] ?? '') === '';
  }

  print(text: string): void {
    this.out.write(`${harmless(text, this.coloured ? NOT_OURS : OBEYED)}\n`);
  }

  say(text: string): void {
    this.err.write(`${harmless(text)}\n`);
  }

  /** Writes JSON. Numbers keep all their digits. */
  json(value: unknown): void {
    this.print(writeJson(value));
  }

  job(job: JobView | JobDetail): void {
    const rows: [string, string][] = [
      ['id', job.id],
      ['kind', job.kind],
      ['state', `${this.state(job.state)}${job.cancelRequested && job.state === 'running' ? ' (asked to stop)' : ''}`],
      ['queue', job.queue],
      ['attempt', `${job.attempt} of ${job.maxAttempts}`],
      ['created', job.createdAt],
    ];
    if (job.runAt) rows.push(['due', job.runAt]);
    if (job.startedAt) rows.push(['started', job.startedAt]);
    if (job.finishedAt) rows.push(['finished', job.finishedAt]);
    if (job.tags.length > 0) rows.push(['tags', job.tags.join(', ')]);
    if (job.progress) rows.push(['progress', progressText(job.progress)]);
    if ('cancellation' in job && job.cancellation) rows.push(['cancel', cancelText(job.cancellation)]);
    if (job.error) rows.push(['error', `${job.error.code}: ${job.error.message}`]);
    for (const [name, value] of rows) this.print(`${name.padEnd(9)} ${value}`);
    if (job.state === 'succeeded') this.print(`result    ${writeJson(job.result, 2)}`);
  }

  why(why: WhyView): void {
    const rows: [string, string][] = [['id', why.id], ['state', this.state(why.state)], ...whyRows(why, Date.now())]; // prettier-ignore
    for (const [name, value] of rows) this.print(`${name.padEnd(9)} ${value}`);
  }

  dryRun(met: DryRun): void {
    for (const [name, value] of dryRunRows(met, Date.now())) this.print(`${name.padEnd(9)} ${value}`);
    this.say('nothing was submitted');
  }

  /** What an act would be for. */
  matching(count: number, samples: JobView[]): void {
    this.jobs(samples);
    this.say(`${count} ${count === 1 ? 'job matches' : 'jobs match'}; nothing was changed`);
  }

  page({ items, nextCursor, partial, searchedUntil, count, countIsExact }: JobPage): void {
    this.jobs(items);
    if (count !== undefined) this.say(countIsExact ? `${count} in all` : count < MOST_COUNTED ? `at least ${count} in all` : `more than ${count} in all`);
    if (partial) this.say(`looked at the jobs created until ${searchedUntil ?? ''}; it goes on with --cursor ${nextCursor ?? ''}`);
    else if (items.length === 0) this.say('no jobs');
    else if (nextCursor !== null) this.say(`there are more: --cursor ${nextCursor}`);
  }

  private jobs(items: readonly JobView[]): void {
    if (items.length === 0) return;
    const width = Math.max(4, ...items.map(({ kind }) => kind.length));
    this.print(`${'ID'.padEnd(36)}  ${'KIND'.padEnd(width)}  STATE      TRY  CREATED`);
    for (const { id, kind, state, attempt, createdAt } of items)
      this.print(`${id}  ${kind.padEnd(width)}  ${this.state(state)}${' '.repeat(9 - state.length)}  ${String(attempt).padStart(3)}  ${createdAt}`);
  }

  state(state: JobState): string {
    return this.coloured ? `\u001b[${COLOURS[state]}m${state}\u001b[0m` : state;
  }
}

function cancelText({ requestedAt, by, reason, outcome }: Cancellation): string {
  const became = outcome === null ? 'being asked to stop' : outcome.replaceAll('_', ' ');
  return `${became}; asked for at ${requestedAt}${by === null ? '' : ` by ${by}`}${reason === null ? '' : `: ${reason}`}`;
}

/** `withShare` is false beside a bar, which shows the share itself. */
export function progressText({ done, total, message }: { done: number; total?: number; message?: string }, withShare = true): string {
  const count = total === undefined ? String(done) : `${done} of ${total}${withShare && total > 0 ? ` (${Math.floor((100 * done) / total)} %)` : ''}`;
  return message === undefined ? count : `${count}: ${message}`;
}
