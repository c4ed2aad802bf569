import type { JobId, LeaseToken, PublishId } from '../job/job.js';
import type { Delivery } from './delivery.js';
import type { AttemptContext } from './attempt-context.js';

/**
 * One job in the hands of this process: from the arrival of its delivery to its disposition.
 * The delivery may change underneath (a channel was lost and the broker delivered again), or be absent: handed over to
 * the lease after a while, or never there, as in single-process mode.
 */
export class Execution<Transaction> {
  /** Set from the moment the handler may run. */
  context: AttemptContext<Transaction> | undefined;
  /** How long its attempt ran, in milliseconds; set when that has ended. */
  ranMs = 0;
  private over = false;
  /** Made when somebody waits for it, which seldom happens. */
  private ending: Promise<void> | undefined;
  private wake: (() => void) | undefined;
  private leftToLease = false;
  private runsAside = false;
  private handlerHasEnded = false;

  /** @param slotFreed called when its slots are free, though it may still be in hand; `slots`: how many it takes of this process */
  constructor(
    readonly jobId: JobId,
    readonly publishId: PublishId | null,
    readonly token: LeaseToken,
    readonly queue: string,
    private current: Delivery | null,
    private readonly slotFreed: () => void = () => undefined,
    readonly slots = 1,
  ) {}

  /** Resolves when it is no longer in hand. */
  get ended(): Promise<void> {
    if (this.over) return Promise.resolve();
    return (this.ending ??= new Promise((resolve) => (this.wake = resolve)));
  }

  end(): void {
    this.over = true;
    this.wake?.();
  }

  /** An unsettled delivery stands behind this execution, and will until its end: a crash brings the job back at once. */
  get guarded(): boolean {
    return !this.leftToLease && (this.current?.open ?? false);
  }

  /** It runs beside the slots of this process. */
  get aside(): boolean {
    return this.runsAside;
  }

  /** Its handler has ended and holds nothing any more: only its outcome is still to be written. */
  get isSettling(): boolean {
    return this.handlerHasEnded;
  }

  startSettling(): void {
    this.handlerHasEnded = true;
    this.slotFreed();
  }

  /**
   * From here on it takes no slot: it runs in a process of its own, and what is new need not wait for that to boot. Its delivery
   * is accepted, so that the broker fills the slot; the lease alone guards it.
   */
  standAside(): void {
    this.runsAside = true;
    this.leftToLease = true;
    this.current?.accept();
    this.current = null;
    this.slotFreed();
  }

  /**
   * The broker gave the same copy again: its former channel is gone, this one counts from now on. Unless that is still
   * open: then somebody has doubled the copy on its way (a shovel, a federation link), and one delivery is guard enough.
   */
  adopt(delivery: Delivery): void {
    if (this.current?.open) {
      delivery.accept();
      return;
    }
    this.current = delivery;
    this.leftToLease = false;
  }

  /**
   * Accepts the delivery while the job runs; from here on the lease alone guards it. Before that `slotsChanged` takes the
   * slot from the broker's view, else the broker would fill it with a delivery that has to wait here.
   */
  async handOver(slotsChanged: () => Promise<void>): Promise<void> {
    this.leftToLease = true;
    try {
      await slotsChanged();
    } catch (error) {
      this.leftToLease = false;
      throw error;
    }
    this.current?.accept();
    this.current = null;
  }

  dispose(disposition: 'accept' | 'reject' | 'release'): void {
    this.current?.[disposition]();
  }
}
