/** What was taken of a share. */
export interface Taken {
  /** Call it once, when what it was taken for has ended. `stays`: how many of it have become rows, which the store counts by themselves. */
  end(stays?: number): void;
}

/** What is taken until its end, which does its work once. */
export function takenUntil(end: (stays: number) => void): Taken {
  let ended = false;
  return {
    end: (stays = 0) => {
      if (ended) return;
      ended = true;
      end(stays);
    },
  };
}

interface Asker {
  amount: number;
  resolve: (taken: Taken) => void;
  reject: (error: unknown) => void;
  /** The store has been asked for it. */
  asked?: true;
}

/** Those who want a part of a share that is used up. One question to the store is under way at a time: who comes meanwhile is in the next one. */
export class Askers {
  private waiting: Asker[] = [];
  private asking: Promise<void> | undefined;

  /** `ask` asks the store as long as there is `any`body, and serves or refuses all of them. */
  constructor(private readonly ask: () => Promise<void>) {}

  get any(): boolean {
    return this.waiting.length > 0;
  }

  /** The store is asked, or told something, at this moment. */
  get busy(): boolean {
    return this.asking !== undefined;
  }

  add(amount: number): Promise<Taken> {
    const answer = new Promise<Taken>((resolve, reject) => this.waiting.push({ amount, resolve, reject }));
    this.serve();
    return answer;
  }

  /** How much all of them want. The store is being asked for it. */
  want(): number {
    for (const each of this.waiting) each.asked = true;
    return this.waiting.reduce((sum, { amount }) => sum + amount, 0);
  }

  /** Serves those, in their order, for whom `take` has enough. */
  give(take: (amount: number) => Taken | undefined): void {
    this.waiting = this.waiting.filter(({ amount, resolve }) => {
      const taken = take(amount);
      if (taken) resolve(taken);
      return !taken;
    });
  }

  /** What those want whom the last answer of the store has not served. */
  get unserved(): number[] {
    return this.waiting.flatMap(({ amount, asked }) => (asked ? [amount] : []));
  }

  /** Refuses those. Who came after the question has yet to be asked for. */
  refuse(refusal: (amount: number) => unknown): void {
    const refused = this.waiting.filter(({ asked }) => asked);
    this.waiting = this.waiting.filter(({ asked }) => !asked);
    for (const { amount, reject } of refused) reject(refusal(amount));
  }

  /** The store does not answer. */
  fail(error: unknown): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }

  /** Nobody is asked for until this is done, for the two answers must not pass each other. */
  async after(work: Promise<unknown>): Promise<void> {
    const done = work.then(
      () => undefined,
      () => undefined,
    );
    this.asking = done;
    await done;
    this.asking = undefined;
    this.serve();
  }

  /** Whoever comes as the last answer is given out finds nobody asking any more. */
  private serve(): void {
    if (!this.any) return;
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
      this.serve();
    });
  }
}
