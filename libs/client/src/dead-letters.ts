import type {
  DeadLetterChoice,
  DeadLetterDetail,
  DeadLetterPage,
  DeadLetterView,
  DiscardedLetters,
  JobView,
  LetterEdits,
  LetterGroup,
  LetterGroupList,
  LetterNote,
  RedrivenLetter,
} from './model.js';
import { queryOf } from './query.js';
import { quoted, randomKey } from './random-key.js';
import type { CallOptions, Transport } from './transport.js';

/** What a list of dead letters may be restricted to. */
export interface LetterFilter {
  reason?: string;
  kind?: string;
  queue?: string;
  source?: 'job' | 'message';
}

export interface LetterListFilter extends LetterFilter {
  group?: string;
  /** Also those that were put back, or put away. */
  redriven?: boolean;
  discarded?: boolean;
  cursor?: string;
  limit?: number;
}

export interface GroupFilter extends LetterFilter {
  state?: 'open' | 'acknowledged';
  sort?: 'most' | 'newest';
  hours?: number;
  limit?: number;
}

/** How an act on many is done by a job. */
export interface LettersActOptions extends CallOptions {
  /** So many in a second at most; as many as go where it is left out. */
  rate?: number;
  note?: LetterNote;
  idempotencyKey?: string;
}

/** What was given up, by its causes and one by one. Each call may be repeated: the second one changes nothing. */
export class DeadLetters {
  constructor(private readonly transport: Transport) {}

  /** The causes of what waits for somebody, each with how many letters it has. */
  groups(filter: GroupFilter = {}, call?: CallOptions): Promise<LetterGroupList> {
    return this.transport.json({ method: 'GET', path: `/dead-letters/groups${queryOf(filter)}` }, call);
  }

  /** Tells others that somebody knows of a cause. */
  acknowledge(group: string, note: LetterNote = {}, call?: CallOptions): Promise<LetterGroup> {
    return this.transport.json({ method: 'POST', path: `/dead-letters/groups/${encodeURIComponent(group)}/acknowledge`, body: note }, call);
  }

  reopen(group: string, call?: CallOptions): Promise<LetterGroup> {
    return this.transport.json({ method: 'POST', path: `/dead-letters/groups/${encodeURIComponent(group)}/reopen` }, call);
  }

  /** One page, newest first. */
  list(filter: LetterListFilter = {}, call?: CallOptions): Promise<DeadLetterPage> {
    return this.transport.json({ method: 'GET', path: `/dead-letters${queryOf(filter)}` }, call);
  }

  get(id: string, call?: CallOptions): Promise<DeadLetterDetail> {
    return this.transport.json({ method: 'GET', path: pathOf(id) }, call);
  }

  /** Puts one back. With edits it is refused (`ProblemError`, 409) where it was put back before. */
  redrive(id: string, edits: LetterEdits = {}, call?: CallOptions): Promise<RedrivenLetter> {
    return this.transport.json({ method: 'POST', path: `${pathOf(id)}/redrive`, body: edits }, call);
  }

  discard(id: string, note: LetterNote = {}, call?: CallOptions): Promise<DeadLetterView> {
    return this.transport.json({ method: 'POST', path: `${pathOf(id)}/discard`, body: note }, call);
  }

  /**
   * Puts back all that match, however many. Resolves with the job that does it: its progress is how many it has put back, its result which stay and why, and to
   * cancel it ends the act. One `idempotencyKey` makes one act, also after a lost answer; a random one when left out.
   */
  redriveMany(which: DeadLetterChoice, options: LettersActOptions = {}): Promise<JobView> {
    return this.act('redrive', which, options);
  }

  /** The same for putting away. */
  discardMany(which: DeadLetterChoice, options: LettersActOptions = {}): Promise<JobView> {
    return this.act('discard', which, options);
  }

  private act(act: 'redrive' | 'discard', which: DeadLetterChoice, { rate, note, idempotencyKey = randomKey(), ...call }: LettersActOptions): Promise<JobView> {
    const body = { ...which, ...(rate === undefined ? {} : { rate }), ...(note === undefined ? {} : { note }) };
    const headers = { prefer: 'respond-async', 'idempotency-key': quoted(idempotencyKey) };
    return this.transport.json({ method: 'POST', path: `/dead-letters/${act}`, body, headers }, call);
  }

  /** Puts away all that match. After a lost answer the repeat counts what it has put away itself. */
  discardAll(which: DeadLetterChoice, note: LetterNote = {}, call?: CallOptions): Promise<DiscardedLetters> {
    return this.transport.json({ method: 'POST', path: '/dead-letters/discard', body: { ...which, note } }, call);
  }
}

function pathOf(id: string): string {
  return `/dead-letters/${encodeURIComponent(id)}`;
}
