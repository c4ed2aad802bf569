import type { Paused } from '../control/paused.js';
import type { Clock } from '../kit/clock.js';
import type { Logger } from '../kit/logger.js';
import { WAKE_UP_MAX } from '../relay/outbox.js';
import type { AttemptStore } from './attempt-store.js';
import type { Delivery, WakeUp } from './delivery.js';
import type { JobRunner } from './job-runner.js';
import { type Burial, sharesOf } from './shares.js';

export interface InboxDependencies {
  runner: Pick<JobRunner, 'handle' | 'holds' | 'turnAway' | 'unguarded'>;
  store: Pick<AttemptStore, 'putBack' | 'holdBack'>;
  /** What must not begin. Left out, nothing is paused. */
  paused?: Pick<Paused, 'any' | 'queue' | 'kind'>;
  /** The slots that a job of a kind takes. Left out, one. */
  slotsOf?: (kind: string) => number;
  publishDeadLetter: Burial['publish'];
  /** The number of messages that a queue may have open here has changed; resolves when the broker knows. */
  creditChanged: () => Promise<void>;
  /** Jobs were put back into the outbox. */
  putBack: () => void;
  clock: Clock;
  logger: Logger;
  config: {
    /** Slots of each queue: so many jobs of one slot run here at once. */
    concurrency: number;
    /** How long a job may wait here for a free slot, in milliseconds. */
    waitMs: number;
    /** How long the first in line may, if it takes several: slots that become free are kept for it. Left out, `waitMs`. */
    severalWaitMs?: number;
  };
}

/** A message whose jobs have not all begun. */
interface Entry {
  message: WakeUp;
  /** Parts that wait for a slot, in order. */
  waiting: Delivery[];
  since: number;
  /** Some of its jobs have begun. */
  begun: boolean;
  /** Its kind was paused, and those of its jobs that wait were not queued: to begin them starts nothing. */
  started?: true;
}

const FIRST_CREDIT = 2;
/** Before jobs of a paused kind are tried to be held back again. */
const HOLD_BACK_AGAIN_MS = 500;
/** Work that the broker may send ahead: jobs that take longer wait for nobody's slot here. */
const AHEAD_MS = 500;
/** So many jobs for each slot may wait here; with this many messages more, the credit was meant for smaller ones. */
const WAITING_PER_SLOT = 4;
const SURPLUS = 2;
/** The weight of the newest value in a moving average. */
const NEWEST = 0.1;

/** The messages of one queue: see `Inbox`. */
export class Lane {
  private entries: Entry[] = [];
  /** Messages that may still be open, those whose jobs have all begun included. */
  private openMessages: WakeUp[] = [];
  private allowed = FIRST_CREDIT;
  private taken = 0;
  private inHand = 0;
  private checking = false;
  /** Moving averages: of the slots that the jobs of a message take, and of the milliseconds that a job holds its own. */
  private perMessage = 1;
  private slotMs = AHEAD_MS;

  constructor(
    private readonly queue: string,
    private readonly deps: InboxDependencies,
    private closed: boolean,
  ) {}

  /**
   * As many messages as fill the free slots, and one more set of slots while jobs are short; never more than there are slots without an open
   * message. It grows at once when a slot is free and nothing waits. It shrinks when something has waited too long, and when far more waits than there
   * are slots, as at the first messages of many jobs after those of one: each change is a new subscription.
   */
  get credit(): number {
    return Math.max(0, Math.min(this.allowed, this.mostMessages));
  }

  get size(): number {
    let count = 0;
    for (const { waiting } of this.entries) count += waiting.length;
    return count;
  }

  receive(message: WakeUp): void {
    const { runner, clock, logger, publishDeadLetter } = this.deps;
    this.perMessage += (message.jobIds.length * this.slotsOf(message.kind) - this.perMessage) * NEWEST;
    // A lane that always has something waiting would never look which of them are closed.
    if (this.openMessages.length > 2 * this.mostMessages) this.forgetClosed();
    this.openMessages.push(message);
    const entry: Entry = { message, waiting: [], since: clock.now(), begun: false };
    for (const share of sharesOf(message, { publish: publishDeadLetter, clock, logger })) {
      if (runner.holds(share.jobId)) void this.begin(entry, share, () => undefined);
      else entry.waiting.push(share);
    }
    if (entry.waiting.length > 0) this.entries.push(entry);
    this.pump();
    this.askForLess();
  }

  /** See `Inbox.handOn`. The broker does not know of it: it is none of the messages that may be open here. */
  handOn(message: WakeUp): boolean {
    const { runner, clock, logger, publishDeadLetter, paused } = this.deps;
    const slots = this.slotsOf(message.kind);
    // What waits here has the next free slot: jobs of a limit would otherwise keep theirs for as long as there are more of them.
    if (this.closed || this.entries.length > 0 || paused?.any || this.slotMs >= AHEAD_MS || message.jobIds.length * slots > this.free || message.jobIds.some((id) => runner.holds(id))) return false; // prettier-ignore
    const entry: Entry = { message, waiting: [], since: clock.now(), begun: true };
    for (const share of sharesOf(message, { publish: publishDeadLetter, clock, logger })) this.beginInSlots(entry, share, slots);
    return true;
  }

  open(): void {
    if (!this.closed) return;
    this.closed = false;
    this.pump();
  }

  /** Until it is opened again, nothing begins, and what waits goes back. */
  close(): void {
    this.closed = true;
    void this.giveBack(this.entries.splice(0), (entry) => !entry.begun);
  }

  private get mostMessages(): number {
    return this.deps.config.concurrency - this.deps.runner.unguarded(this.queue);
  }

  private get free(): number {
    const { concurrency } = this.deps.config;
    // Jobs whose outcome is being written hold no slot, but there are never more of them than slots.
    return Math.min(concurrency - this.taken, 2 * concurrency - this.inHand);
  }

  /** What is paused has changed. */
  pausesChanged(): void {
    this.pump();
  }

  /** Begins what there are slots for. */
  private pump(): void {
    if (this.closed) return this.close();
    if (this.deps.paused?.any) {
      this.holdBackPaused();
      // Its consumer is being cancelled: what waits goes back to the broker then.
      if (this.deps.paused.queue(this.queue)) return;
    }
    while (this.free > 0) {
      const [entry] = this.entries;
      if (!entry) break;
      const slots = this.slotsOf(entry.message.kind);
      // Those that are free are kept for it: otherwise jobs of one slot would pass it for ever.
      if (entry.message.open && slots > this.free) break;
      // Its channel is gone, and the broker gives the message to somebody again.
      const share = entry.message.open ? entry.waiting.shift() : undefined;
      if (!share || entry.waiting.length === 0) this.entries.shift();
      if (share) this.beginInSlots(entry, share, slots);
    }
    if (this.entries.length > 0) this.checkLater();
    else if (this.free > 0) this.askForMore();
  }

  private beginInSlots(entry: Entry, share: Delivery, slots: number): void {
    const since = this.deps.clock.now();
    let holdsSlots = true;
    this.taken += slots;
    this.inHand += slots;
    const free = () => {
      if (!holdsSlots) return;
      holdsSlots = false;
      this.taken -= slots;
      this.slotMs += (this.deps.clock.now() - since - this.slotMs) * NEWEST;
    };
    const slotFreed = () => {
      free();
      this.pump();
    };
    void this.begin(entry, share, slotFreed).finally(() => {
      free();
      this.inHand -= slots;
      this.pump();
    });
  }

  private async begin(entry: Entry, share: Delivery, slotFreed: () => void): Promise<void> {
    entry.begun = true;
    const again = await this.deps.runner.handle(share, slotFreed);
    if (!again) return;
    this.entries.unshift({ message: entry.message, waiting: [share], since: this.deps.clock.now(), begun: true });
    this.pump();
  }

  /** Slots are free, and the broker may send no more: it may send so many more. */
  private askForMore(): void {
    // Those that were closed meanwhile are still among them: most often the first look is enough.
    if (this.openMessages.length < this.credit) return;
    this.forgetClosed();
    if (this.openMessages.length < this.credit) return;
    const { concurrency } = this.deps.config;
    const jobs = this.free + (this.slotMs < AHEAD_MS ? concurrency : 0);
    this.allow(this.openMessages.length + Math.ceil(jobs / this.perMessage));
  }

  private askForLess(): void {
    const surplus = Math.floor((this.slotsWaitedFor - WAITING_PER_SLOT * this.deps.config.concurrency) / this.perMessage);
    if (surplus < SURPLUS) return;
    this.forgetClosed();
    const messages = Math.max(1, this.openMessages.length - surplus);
    if (messages < this.credit) this.allow(messages);
  }

  private forgetClosed(): void {
    this.openMessages = this.openMessages.filter(({ open }) => open);
  }

  private allow(messages: number): void {
    const before = this.credit;
    this.allowed = messages;
    if (this.credit !== before) void this.deps.creditChanged();
  }

  private checkLater(): void {
    if (this.checking) return;
    this.checking = true;
    this.deps.clock.after(this.deps.config.waitMs / 4, () => {
      this.checking = false;
      void this.check();
    });
  }

  /** What has waited for too long goes back into the outbox, and no more is asked for until a slot is free. */
  private async check(): Promise<void> {
    const { clock } = this.deps;
    this.entries = this.entries.filter(({ message }) => message.open);
    const overdue = this.entries.filter((entry, place) => clock.now() - entry.since >= this.patience(entry, place));
    if (overdue.length > 0) {
      this.entries = this.entries.filter((entry) => !overdue.includes(entry));
      this.forgetClosed();
      this.allow(this.openMessages.length - overdue.filter(({ begun }) => !begun).length);
      await this.giveBack(overdue, () => false);
    }
    this.pump();
  }

  private patience({ message }: Entry, place: number): number {
    const { waitMs, severalWaitMs = waitMs } = this.deps.config;
    return place === 0 && this.slotsOf(message.kind) > 1 ? severalWaitMs : waitMs;
  }

  /** A job that takes more slots than there are here is put off by the runner, and needs one for that. */
  private slotsOf(kind: string): number {
    const slots = this.deps.slotsOf?.(kind) ?? 1;
    return slots > this.deps.config.concurrency ? 1 : slots;
  }

  private get slotsWaitedFor(): number {
    let slots = 0;
    for (const { waiting, message } of this.entries) slots += waiting.length * this.slotsOf(message.kind);
    return slots;
  }

  /** Jobs of a paused kind go to the waiting room, and their part of the message is accepted. */
  private holdBackPaused(): void {
    const isPaused = ({ message, started }: Entry) => !started && this.deps.paused?.kind(message.kind) === true;
    if (!this.entries.some(isPaused)) return;
    const paused = this.entries.filter(isPaused);
    this.entries = this.entries.filter((entry) => !isPaused(entry));
    for (const entry of paused) void this.holdBack(entry);
  }

  private async holdBack(entry: Entry): Promise<void> {
    const { store, logger, clock } = this.deps;
    const shares = entry.waiting.filter(({ open }) => open);
    let rest: Entry = { ...entry, waiting: shares };
    try {
      const held = new Set(await store.holdBack(shares.map(({ jobId }) => jobId)));
      for (const share of shares) if (held.has(share.jobId)) share.accept();
      rest = { ...rest, waiting: shares.filter(({ jobId }) => !held.has(jobId)), started: true };
    } catch (error) {
      logger.warn({ queue: this.queue, jobs: shares.length, err: error }, 'jobs of a paused kind could not be held back; they wait here');
      await clock.sleep(HOLD_BACK_AGAIN_MS);
    }
    if (this.closed) for (const share of rest.waiting) share.release();
    else if (rest.waiting.length > 0) this.entries.push({ ...rest, since: clock.now() });
    this.pump();
  }

  /** `whole`: whether the message is released, and not each of its jobs put back by itself. */
  private async giveBack(entries: Entry[], whole: (entry: Entry) => boolean): Promise<void> {
    const parts: Entry[] = [];
    for (const entry of entries) {
      if (whole(entry)) for (const share of entry.waiting) share.release();
      else parts.push(entry);
    }
    const shares = parts.flatMap(({ waiting }) => waiting).filter(({ open }) => open);
    if (shares.length === 0) return;
    const { store, logger, clock } = this.deps;
    try {
      // Each job of several slots may be for another worker.
      const alone = parts.some(({ message }) => this.slotsOf(message.kind) > 1);
      const size = alone ? 1 : Math.max(1, Math.min(WAKE_UP_MAX, Math.floor(AHEAD_MS / Math.max(this.slotMs, 1))));
      const put = new Set(await store.putBack(shares.map(({ jobId }) => jobId), size)); // prettier-ignore
      for (const share of shares) if (put.has(share.jobId)) share.accept();
      this.deps.putBack();
    } catch (error) {
      logger.warn({ queue: this.queue, jobs: shares.length, err: error }, 'jobs that wait for a slot could not be put back; they wait on');
    }
    const rest = parts
      .map((entry) => ({ ...entry, waiting: entry.waiting.filter(({ open }) => open), since: clock.now() }))
      .filter(({ waiting }) => waiting.length > 0);
    if (this.closed) for (const share of rest.flatMap(({ waiting }) => waiting)) share.release();
    else this.entries.unshift(...rest);
  }
}
