import type { Progress } from '../job/job.js';
import type { AttemptEvent, LogLine } from '../watch/events.js';

/** Of all events of one job that its attempts may make; a later attempt may say a little in any case. */
const MAX_LINES = 10_000;
const MIN_LINES = 100;
/** Of lines that wait to be written, in characters: the store may be away while a handler goes on. */
const MAX_WAITING = 1024 * 1024;
const PROGRESS_MS = 1_000;
/** Progress is written ever less often as the attempt goes on, so that a job of days has some thousand events of it, not some hundred thousand. */
const PROGRESS_PART = 500;

type Waiting = ({ type: 'progress'; progress: Progress } | { type: 'log'; line: LogLine; size: number }) & { at: number };

/** Events that were taken to be written. One of both ends has to be told. */
export interface TakenEvents {
  events: AttemptEvent[];
  written(): void;
  /** They come with the next ones. */
  notWritten(): void;
}

/** What an attempt has told and the store does not have yet: bounded, in order, progress only the newest. */
export class AttemptEvents {
  private waiting: Waiting[] = [];
  private size = 0;
  private linesLeft: number;
  private toldOfLimit = false;
  private progressAt = -Infinity;
  private readonly startedAt: number;
  private flight: Promise<void> | undefined;

  /** `before`: the number of the job's newest event when the attempt began. */
  constructor(
    private readonly now: () => number,
    before: number,
  ) {
    this.startedAt = now();
    this.linesLeft = Math.max(MIN_LINES, MAX_LINES - before);
  }

  progress(progress: Progress): void {
    this.waiting = this.waiting.filter(({ type }) => type !== 'progress');
    this.waiting.push({ type: 'progress', progress, at: this.now() });
  }

  log(line: LogLine): void {
    const size = line.message.length + JSON.stringify(line.fields).length;
    if (this.linesLeft > 0 && this.size + size <= MAX_WAITING) {
      this.linesLeft--;
      this.keep(line, size);
    } else if (!this.toldOfLimit) {
      this.toldOfLimit = true;
      this.keep(
        { level: 'warn', message: 'there are more lines than Longhaul keeps of a job; from here on some are only in the log of its worker', fields: {} },
        0,
      );
    }
  }

  /** What is to be written now; with `all`, also progress whose time has not come. One batch at a time. */
  take(all: boolean): TakenEvents | undefined {
    if (this.flight) return undefined;
    const taken = this.waiting.filter(({ type }) => type === 'log' || all || this.isProgressDue());
    if (taken.length === 0) return undefined;
    this.waiting = this.waiting.filter((event) => !taken.includes(event));
    this.size = 0;
    if (taken.some(({ type }) => type === 'progress')) this.progressAt = this.now();
    let land: () => void = () => undefined;
    this.flight = new Promise((resolve) => (land = resolve));
    const over = () => {
      this.flight = undefined;
      land();
    };
    return {
      events: taken.map((event) => eventOf(event, this.now())),
      written: over,
      notWritten: () => {
        this.giveBack(taken);
        over();
      },
    };
  }

  /** Resolves when what is on its way to the store has arrived, or will not; undefined when nothing is. */
  get landing(): Promise<void> | undefined {
    return this.flight;
  }

  private isProgressDue(): boolean {
    const now = this.now();
    return now - this.progressAt >= Math.max(PROGRESS_MS, (now - this.startedAt) / PROGRESS_PART);
  }

  private keep(line: LogLine, size: number): void {
    this.size += size;
    this.waiting.push({ type: 'log', line, size, at: this.now() });
  }

  private giveBack(taken: Waiting[]): void {
    const newer = this.waiting.some(({ type }) => type === 'progress');
    this.waiting.unshift(...taken.filter(({ type }) => type === 'log' || !newer));
    this.size = this.waiting.reduce((sum, event) => sum + (event.type === 'log' ? event.size : 0), 0);
  }
}

function eventOf(event: Waiting, now: number): AttemptEvent {
  const ageMs = Math.max(0, Math.round(now - event.at));
  return event.type === 'log' ? { type: 'log', line: event.line, ageMs } : { type: 'progress', progress: event.progress, ageMs };
}
