interface Waiting<Item, Answer> {
  items: Item[];
  resolve: (answers: Answer[]) => void;
  reject: (error: unknown) => void;
}

/**
 * Group commit: an item that comes while nothing is in flight goes at once; items that come meanwhile wait for the
 * flight to end and go together. So an idle system adds no delay and a busy one pays one statement for many items.
 *
 * `flush` answers for each item in order, or throws for all of them. Items of one `add` stay in one flush.
 */
export class MicroBatcher<Item, Answer> {
  private waiting: Waiting<Item, Answer>[] = [];
  private inFlight = 0;

  constructor(
    private readonly flush: (items: Item[]) => Promise<Answer[]>,
    private readonly options: { maxItems: number; maxInFlight?: number },
  ) {}

  async add(item: Item): Promise<Answer> {
    const [answer] = await this.addAll([item]);
    return answer as Answer;
  }

  addAll(items: Item[]): Promise<Answer[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ items, resolve, reject });
      if (this.inFlight < (this.options.maxInFlight ?? 1)) this.start();
    });
  }

  private start(): void {
    this.inFlight++;
    // One turn of the event loop: what arrived in the same read of a socket goes in the same flush.
    setImmediate(() => void this.run());
  }

  private async run(): Promise<void> {
    const group = this.takeGroup();
    if (group.length > 0) await this.flushGroup(group);
    this.inFlight--;
    if (this.waiting.length > 0) this.start();
  }

  private async flushGroup(group: Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.flush(group.flatMap((entry) => entry.items));
      let from = 0;
      for (const entry of group) entry.resolve(answers.slice(from, (from += entry.items.length)));
    } catch (error) {
      for (const entry of group) entry.reject(error);
    }
  }

  private takeGroup(): Waiting<Item, Answer>[] {
    let count = 0;
    let end = 0;
    for (const entry of this.waiting) {
      if (end > 0 && count + entry.items.length > this.options.maxItems) break;
      count += entry.items.length;
      end++;
    }
    return this.waiting.splice(0, end);
  }
}
