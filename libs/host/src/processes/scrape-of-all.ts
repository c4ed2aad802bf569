import type { Clock } from '@app/core';
import type { Texts } from './messages.js';

/** A process that has not sent its metrics within this time is left out: it may be busy or frozen. */
const LATE_MS = 2_000;

interface Scrape {
  readonly missing: Set<number>;
  readonly texts: Texts;
  readonly answer: (texts: Texts) => void;
  readonly cancel: () => void;
}

/** Collects the metrics of all processes. Each scrape is answered once, with the metrics that came in time. */
export class ScrapeOfAll {
  private readonly open = new Map<number, Scrape>();
  private next = 0;

  constructor(private readonly clock: Pick<Clock, 'after'>) {}

  /** @returns the id that the answers of the processes must have */
  begin(processes: number[], answer: Scrape['answer']): number {
    const id = this.next++;
    this.open.set(id, { missing: new Set(processes), texts: [], answer, cancel: this.clock.after(LATE_MS, () => this.end(id)) });
    return id;
  }

  /** Takes the metrics of a process; null when it could not read its state. */
  hear(id: number, process: number, text: string | null): void {
    const scrape = this.open.get(id);
    if (!scrape?.missing.delete(process)) return;
    if (text !== null) scrape.texts.push([process, text]);
    if (scrape.missing.size === 0) this.end(id);
  }

  /** Stops waiting for a process that has ended. */
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
