import {
  type DeadLetter,
  type JobId,
  type LetterRefusal,
  type LettersPage,
  type LettersRequest,
  type LettersStore,
  Refusal,
  type WaitingLetter,
} from '@app/core';
import type { Store } from '../store.js';
import type { RedriveLetter } from './redrive-letter.js';

/** Letters of messages that are put back at once: each has its bytes in memory meanwhile. */
const AT_ONCE = 8;
const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** One act to a page of dead letters. Failed jobs go by one statement; what that leaves, and messages, one by one, so that each says why it stays. */
export class LetterActs implements LettersStore {
  constructor(
    private readonly store: Pick<Store, 'deadLetters' | 'bulk'>,
    private readonly redriving: Pick<RedriveLetter, 'redrive'>,
  ) {}

  async act({ act, filter, note }: LettersRequest, after: string | null, size: number): Promise<LettersPage> {
    const { letters, next } = await this.store.deadLetters.page(filter, after, size);
    if (letters.length === 0) return { matched: 0, changed: 0, refused: [], next };
    if (act === 'discard') {
      const changed = await this.store.deadLetters.discardMany(
        letters.map(({ id }) => id),
        note,
      );
      return { matched: letters.length, changed, refused: [], next };
    }
    const jobs = letters.flatMap(({ jobId }) => jobId ?? []);
    const back = new Set<JobId>(jobs.length > 0 ? await this.store.bulk.redrive(jobs) : []);
    const others = letters.filter(({ jobId }) => jobId === null || !back.has(jobId));
    const refused: LetterRefusal[] = [];
    let changed = letters.length - others.length;
    for (let first = 0; first < others.length; first += AT_ONCE) {
      const outcomes = await Promise.all(others.slice(first, first + AT_ONCE).map((letter) => this.one(letter)));
      for (const outcome of outcomes) {
        if (outcome === true) changed++;
        else if (outcome) refused.push(outcome);
      }
    }
    return { matched: letters.length, changed, refused, next };
  }

  /** True where it was put back; null where it is gone, or somebody else has just put it back. */
  private async one({ id }: WaitingLetter): Promise<true | LetterRefusal | null> {
    const letter: DeadLetter | null = await this.store.deadLetters.find(id);
    if (!letter || letter.redrivenAt !== null) return null;
    try {
      await this.redriving.redrive(letter, {});
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Many have one reason, but for the ids that it names.
      return { detail: error.message.replaceAll(ID, '…').slice(0, 500), letters: 1, sampleId: id };
    }
  }
}
