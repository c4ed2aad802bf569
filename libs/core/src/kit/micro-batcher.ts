interface Waiting<Item, Answer> {
  items: Item[];
  /** `from`: where its answers begin among those of its flight. */
  resolve: (answers: Answer[], from: number) => void;
  reject: (error: unknown) => void;
  /** Of interest only where there is `patience`. */
  since: number;
}

export interface BatcherOptions<Item> {
  maxItems: number;
  /** What an item weighs, and how much one flight carries at most; more only where a single `add` weighs that much. Left out, items weigh nothing. */
  load?: { of: (item: Item) => number; most: number };
  maxInFlight?: number;
  /** What a flight waits for before it takes what is there, where nobody waits for its answer. Left out, it goes at once. */
  gather?: () => Promise<void>;
  /** How long an item may wait for its flight, and how long that may take, in milliseconds; its `add` then rejects with `error`. */
  patience?: { waitMs: number; flightMs: number; error: () => Error };
}

const CHECK_MS = 250;

/** The payloads or results of one statement at most, in UTF-16 units: each is copied some times on its way, and others wait behind it. */
export const FLIGHT_TEXT = 2 * 1024 * 1024;

/**
 * Group commit: an item that comes while nothing is in flight goes at once; items that come meanwhile wait for the
 * flight to end and go together. So an idle system adds no delay and a busy one pays one statement for many items.
 *
 * `flush` answers for each item in order, or throws for all of them. Items of one `add` stay in one flush.
 *
 * Without `patience` an item waits as long as flights take. With it, what waits too long is taken out and will never be
 * flushed; of what is in flight by then it stays unknown what becomes of it, and the flight keeps its place.
 */
export class MicroBatcher<Item, Answer> {
  private waiting: Waiting<Item, Answer>[] = [];
  /** Those in flight, where there is `patience`. */
  private readonly flying = new Set<Waiting<Item, Answer>>();
  private inFlight = 0;
  private check: NodeJS.Timeout | undefined;

  constructor(
    private readonly flush: (items: Item[]) => Promise<Answer[]>,
    private readonly options: BatcherOptions<Item>,
  ) {}

  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => this.enter([item], (answers, from) => resolve(answers[from] as Answer), reject));
  }

  addAll(items: Item[]): Promise<Answer[]> {
    return new Promise((resolve, reject) => this.enter(items, (answers, from) => resolve(answers.slice(from, from + items.length)), reject));
  }

  private enter(items: Item[], resolve: (answers: Answer[], from: number) => void, reject: (error: unknown) => void): void {
    this.waiting.push({ items, resolve, reject, since: this.options.patience ? performance.now() : 0 });
    this.watch();
    if (this.inFlight < (this.options.maxInFlight ?? 1)) this.start();
  }

  private start(): void {
    this.inFlight++;
    // One turn of the event loop: what arrived in the same read of a socket goes in the same flush.
    if (!this.options.gather) setImmediate(() => void this.run());
    else void this.options.gather().then(() => this.run());
  }

  private async run(): Promise<void> {
    const group = this.takeGroup();
    if (group.length > 0) await this.flushGroup(group);
    this.inFlight--;
    if (this.waiting.length > 0) this.start();
  }

  private async flushGroup(group: Waiting<Item, Answer>[]): Promise<void> {
    if (this.options.patience) this.takeOff(group);
    try {
      const answers = await this.flush(group.flatMap((entry) => entry.items));
      let from = 0;
      for (const entry of group) {
        entry.resolve(answers, from);
        from += entry.items.length;
      }
    } catch (error) {
      for (const entry of group) entry.reject(error);
    } finally {
      for (const entry of group) this.flying.delete(entry);
    }
  }

  private takeOff(group: Waiting<Item, Answer>[]): void {
    const since = performance.now();
    for (const entry of group) {
      entry.since = since;
      this.flying.add(entry);
    }
  }

  private watch(): void {
    const { patience } = this.options;
    if (patience) this.check ??= setInterval(() => this.rejectOverdue(performance.now(), patience), CHECK_MS).unref();
  }

  private rejectOverdue(now: number, { waitMs, flightMs, error }: NonNullable<BatcherOptions<Item>['patience']>): void {
    for (const entry of this.flying) {
      if (now - entry.since <= flightMs) continue;
      this.flying.delete(entry);
      entry.reject(error());
    }
    // The oldest are first.
    const kept = this.waiting.findIndex(({ since }) => now - since <= waitMs);
    for (const entry of this.waiting.splice(0, kept < 0 ? this.waiting.length : kept)) entry.reject(error());
    if (this.waiting.length > 0 || this.flying.size > 0) return;
    clearInterval(this.check);
    this.check = undefined;
  }

  private takeGroup(): Waiting<Item, Answer>[] {
    const { maxItems, load } = this.options;
    let count = 0;
    let weight = 0;
    let end = 0;
    for (const { items } of this.waiting) {
      count += items.length;
      if (load) for (const item of items) weight += load.of(item);
      if (end > 0 && (count > maxItems || (load && weight > load.most))) break;
      end++;
    }
    return this.waiting.splice(0, end);
  }
}
