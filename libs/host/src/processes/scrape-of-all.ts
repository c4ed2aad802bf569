import type { Clock } from '@app/core';
import type { Texts } from './messages.js';

/** Who has not told its metrics by then is left out: it may compute, or be frozen. */
const LATE_MS = 2_000;

interface Scrape {
  readonly missing: Set<number>;
  readonly texts: Texts;
  readonly answer: (texts: Texts) => void;
  readonly cancel: () => void;
}

/** Collects what each process tells of itself: each scrape is answered once, with what came in time. */
export class ScrapeOfAll {
  private readonly open = new Map<number, Scrape>();
  private next = 0;

  constructor(private readonly clock: Pick<Clock, 'after'>) {}

  /** @returns the id under which the processes have to answer */
  begin(processes: number[], answer: Scrape['answer']): number {
    const id = this.next++;
    this.open.set(id, { missing: new Set(processes), texts: [], answer, cancel: this.clock.after(LATE_MS, () => this.end(id)) });
    return id;
  }

  /** `text` null: it could not read its state. */
  hear(id: number, process: number, text: string | null): void {
    const scrape = this.open.get(id);
    if (!scrape?.missing.delete(process)) return;
    if (text !== null) scrape.texts.push([process, text]);
    if (scrape.missing.size === 0) this.end(id);
  }

  /** A process that has ended answers nothing any more. */
  lose(process: number): void {
    for (const id of [...this.open.keys()]) this.hear(id, process, null);
  }

  private end(id: number): void {
    const scrape = this.open.get(id);
    if (!scrape) return;
    scrape.cancel();
    this.open.delete(id);
    scrape.answer(scrape.texts.sort(([one], [other]) => one - other));
  }
}
