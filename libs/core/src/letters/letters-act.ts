import { type ActPage, type BulkContext, inSteps, paced } from '../control/act-pages.js';
import type { Clock } from '../kit/clock.js';
import type { LetterNote, LettersFilter } from './dead-letters.js';

/** What can be done to many letters. */
export const LETTER_ACTS = ['redrive', 'discard'] as const;
export type LetterAct = (typeof LETTER_ACTS)[number];

export interface LettersRequest {
  act: LetterAct;
  filter: LettersFilter;
  note: LetterNote;
  /** Letters in a second at most; as many as go where it is left out. */
  rate?: number;
}

/** Why letters stay as they are. No interface, so that it is a JSON value. */
export type LetterRefusal = { detail: string; letters: number; sampleId: string };

export type LettersPage = ActPage & { refused: LetterRefusal[] };

export interface LettersStore {
  /** Does the act to the next page of letters, the newest first. May be repeated: what has been changed fits no more. */
  act(request: LettersRequest, after: string | null, size: number): Promise<LettersPage>;
}

/** `refused` has the letters that stay, with the reasons of most of them: `others` are of more reasons than are told. */
export type LettersResult = { matched: number; changed: number; refused: { letters: number; reasons: LetterRefusal[]; others: number } };

const PAGE = 200;
/** Reasons that a result tells. */
const MOST_REASONS = 20;

/**
 * Puts back, or away, all dead letters that fit a filter, the newest first.
 *
 * Authority: the row of each letter, and of its job, changed by the same statements that change one for a caller. What a crash leads to: the next
 * attempt goes on behind the last step. What it does once more changes nothing: a letter that is put back or away fits no more, and a message becomes a job under a
 * key made of the letter's id. One that is refused stays as it is, and is counted with its reason; one that comes during the act is left alone.
 */
export async function actOnLetters(
  { store, clock }: { store: LettersStore; clock: Pick<Clock, 'now' | 'sleep'> },
  request: LettersRequest,
  context: BulkContext,
): Promise<LettersResult> {
  const { act, rate } = request;
  const total: LettersResult = { matched: 0, changed: 0, refused: { letters: 0, reasons: [], others: 0 } };
  const size = Math.min(PAGE, rate ?? PAGE);
  const page = paced(clock, rate, context.signal);
  await inSteps<LettersPage>(context, {
    name: (part) => `${act} ${part}`,
    page: (after) => page(() => store.act(request, after, size)),
    and: (a, b) => ({ matched: a.matched + b.matched, changed: a.changed + b.changed, refused: [...a.refused, ...b.refused], next: b.next }),
    done: ({ matched, changed, refused }) => {
      total.matched += matched;
      total.changed += changed;
      for (const refusal of refused) count(total.refused, refusal);
      context.progress({ done: total.changed, message: messageOf(total) });
    },
  });
  return total;
}

function count(refused: LettersResult['refused'], { detail, letters, sampleId }: LetterRefusal): void {
  refused.letters += letters;
  const known = refused.reasons.find((reason) => reason.detail === detail);
  if (known) known.letters += letters;
  else if (refused.reasons.length < MOST_REASONS) refused.reasons.push({ detail, letters, sampleId });
  else refused.others += letters;
}

function messageOf({ changed, refused: { letters } }: LettersResult): string {
  return letters === 0 ? `${changed} changed` : `${changed} changed, ${letters} refused`;
}
