import { Refusal } from '@app/core';
import { Injectable, Optional } from '@nestjs/common';

export interface ListTurnsOptions {
  /** How many lists are read at once. */
  slots: number;
  /** How long a slot rests after each item that it has read: about five times what an item costs the process to read, view and write. */
  restMsPerItem: number;
  /** How long a list waits for its turn. Then it is refused as `unavailable`, with the time after which to try again. */
  patienceMs: number;
  /** How many lists may wait. More are refused at once. */
  maxWaiting: number;
}

const USUAL: ListTurnsOptions = { slots: 2, restMsPerItem: 0.3, patienceMs: 5_000, maxWaiting: 1_000 };

/**
 * Lists take turns. A page of 200 jobs keeps the process busy for some milliseconds, so 60 callers that list in a loop would take all of
 * its time; a slot rests after each page in proportion to its length, so that they get about a quarter of it, and submissions the rest.
 * A single list never waits.
 */
@Injectable()
export class ListTurns {
  private readonly waiting: ((turn: boolean) => void)[] = [];
  private readonly options: ListTurnsOptions;
  private free: number;

  constructor(@Optional() options: Partial<ListTurnsOptions> = {}) {
    this.options = { ...USUAL, ...options };
    this.free = this.options.slots;
  }

  /** Reads a list in its turn. Rejects with the error of `read`, or with a `Refusal` (`unavailable`) when no turn comes in time. */
  async take<Page extends { items: readonly unknown[] }>(read: () => Promise<Page>): Promise<Page> {
    if (this.free > 0) this.free--;
    else if (!(await this.turn())) throw new Refusal('unavailable', 'many lists are being read; repeat the request in a moment, or narrow it by a filter');
    let items = 0;
    try {
      const page = await read();
      items = page.items.length;
      return page;
    } finally {
      setTimeout(() => this.pass(), items * this.options.restMsPerItem).unref();
    }
  }

  private turn(): Promise<boolean> {
    if (this.waiting.length >= this.options.maxWaiting) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(take), 1);
        resolve(false);
      }, this.options.patienceMs);
      const take = (turn: boolean) => {
        clearTimeout(timer);
        resolve(turn);
      };
      this.waiting.push(take);
    });
  }

  private pass(): void {
    const next = this.waiting.shift();
    if (next) next(true);
    else this.free++;
  }
}
