import { randomUUID } from 'node:crypto';
import type { AbandonedHandler } from '../lease/worker-list.js';
import type { JobId, LeaseToken } from '../job/job.js';
import type { Delivery } from './delivery.js';
import type { ClaimAnswer, ClaimedJob, ClaimRequest } from './attempt-store.js';
import type { TakenEvents } from './attempt-events.js';
import { jobError } from './attempt-outcome.js';
import { decideDelivery } from './decide-delivery.js';
import { Execution } from './execution.js';
import { FLIGHT_TEXT, MicroBatcher } from '../kit/micro-batcher.js';
import { PayloadSizes } from './payload-sizes.js';
import { RunAttempt } from './run-attempt.js';
import type { RunnerDependencies } from './runner-dependencies.js';
import { SettleAttempt } from './settle-attempt.js';
import { Unsettled } from './unsettled.js';

/** Claims that are on their way at once: the store works on one while the next is gathered. */
const FLIGHTS = 2;

type KindRequest = ClaimRequest & { kind: string };

/** What one look at a delivery's row led to: a job to run, or how to go on. */
type Look = ClaimedJob | 'done' | 'again' | 'later' | 'parked';

/**
 * Claim, run, settle: what a worker does with a delivery, which is one job's part of a message (see `Inbox`). Also single-process mode's, which claims
 * without deliveries.
 *
 * Authority: the job's row in PostgreSQL, written only under the current lease token. A delivery is a wake-up.
 * What a crash of this process leads to:
 * - before the claim commits: the job is still queued, the broker delivers the copy again;
 * - after it: the attempt is counted and the lease is ours, so another worker that gets the same copy sees our
 *   advisory lock free and takes over at once; a copy that was handed over, or lost, is found by the sweep;
 * - before the settlement commits: result and the handler's transaction are gone together, the job runs again;
 * - after it, before the event: the same copy comes back, finds the job ended, announces again (same message id);
 * - after the event, before the disposition: the same, consumers drop the repeated event.
 * A lost channel is no crash: the handler goes on, and the copy is adopted when the broker brings it back.
 */
export class JobRunner<Transaction = unknown> {
  private readonly executions = new Map<JobId, Execution<Transaction>>();
  private readonly claims: MicroBatcher<KindRequest, ClaimAnswer>;
  private readonly attempts: RunAttempt<Transaction>;
  private readonly settling: SettleAttempt<Transaction>;
  private readonly sizes = new PayloadSizes();
  private readonly unsettled = new Unsettled();
  /** Leases of claimed jobs that wait for their former attempt to end, each with the slots that it has. */
  private readonly behind = new Map<LeaseToken, number>();
  private turnedAway = false;

  constructor(private readonly deps: RunnerDependencies<Transaction>) {
    const load = { of: ({ kind }: KindRequest) => this.sizes.of(kind), most: FLIGHT_TEXT };
    this.claims = new MicroBatcher((requests) => this.claim(requests), { maxItems: deps.config.maxBatch, load, maxInFlight: FLIGHTS });
    this.attempts = new RunAttempt(deps);
    this.settling = new SettleAttempt(deps);
  }

  /** Large outcomes wait for the store: nothing more should be claimed. */
  get full(): boolean {
    return this.unsettled.full;
  }

  /** Handlers that have not obeyed their stop, and whose code still runs here. */
  get abandoned(): AbandonedHandler[] {
    return [...this.attempts.abandoned.values()];
  }

  /** How many jobs are in this process's hands, waiting ones included. */
  get size(): number {
    return this.executions.size + this.behind.size;
  }

  /**
   * The slots of a queue's jobs that are in hand without an open delivery (handed over, or their channel was lost): the broker does not
   * know that these are taken.
   */
  unguarded(queue: string): number {
    let slots = 0;
    for (const execution of this.executions.values()) if (!execution.guarded && !execution.aside && execution.queue === queue) slots += execution.slots;
    return slots;
  }

  /** Jobs that take no slot, see `Execution.standAside`. */
  get aside(): number {
    let count = 0;
    for (const { aside } of this.executions.values()) if (aside) count++;
    return count;
  }

  /** Slots that are taken: by what waits or runs here, and not aside. */
  get slots(): number {
    let count = 0;
    for (const slots of this.behind.values()) count += slots;
    for (const { aside, isSettling, slots } of this.executions.values()) if (!aside && !isSettling) count += slots;
    return count;
  }

  /** The job is in this process's hands: its delivery needs no slot. */
  holds(jobId: JobId): boolean {
    return this.executions.has(jobId);
  }

  /**
   * Sees one delivery through to its disposition; then resolves with true if it has only waited beside an attempt of its job and is to be handled
   * now. `slotFreed`: its slot may be given to another while its outcome is written, or because it takes none. Never rejects.
   */
  async handle(delivery: Delivery, slotFreed?: () => void): Promise<boolean> {
    const here = this.executions.get(delivery.jobId);
    if (here) {
      slotFreed?.();
      // The same copy again: our channel was lost, the handler never noticed.
      if (here.publishId !== delivery.publishId) return this.waitBeside(here, delivery);
      here.adopt(delivery);
      return false;
    }
    const execution = new Execution<Transaction>(
      delivery.jobId,
      delivery.publishId,
      newToken(),
      delivery.queue,
      delivery,
      slotFreed,
      this.slotsOf(delivery.kind),
    );
    await this.keep(execution, () => this.claimAndRun(execution, delivery));
    return false;
  }

  /**
   * Single-process mode: runs a job that was claimed out of the outbox; no delivery stands behind it. `slotFreed`: its handler has ended, and another
   * may begin while its outcome is written. Never rejects.
   */
  async runClaimed(claimed: ClaimedJob, slotFreed?: () => void): Promise<void> {
    // Its former attempt, whose outcome brought it back or whose lease was lost, may still be on its way out of this process.
    const slots = this.slotsOf(claimed.kind);
    this.behind.set(claimed.token, slots);
    for (let here = this.executions.get(claimed.id); here; here = this.executions.get(claimed.id)) await here.ended;
    this.behind.delete(claimed.token);
    const execution = new Execution<Transaction>(claimed.id, null, claimed.token, claimed.queue, null, slotFreed, slots);
    await this.keep(execution, () => this.run(execution, claimed));
  }

  /** The tokens of all that is in hand, also of what is being claimed. */
  tokens(): LeaseToken[] {
    return [...Array.from(this.executions.values(), ({ token }) => token), ...this.behind.keys()];
  }

  /** What the heartbeat has to ask about: jobs that run. */
  held(): { jobId: JobId; token: LeaseToken }[] {
    return [...this.executions.values()].flatMap(({ jobId, token, context }) => (context ? [{ jobId, token }] : []));
  }

  /** What attempts have told and the heartbeat has to write; each has to hear whether it was. */
  takeEvents(): (TakenEvents & { jobId: JobId; token: LeaseToken })[] {
    return [...this.executions.values()].flatMap(({ jobId, token, context }) => {
      const taken = context?.takeEvents(false);
      return taken ? [{ jobId, token, ...taken }] : [];
    });
  }

  /** Stops the attempt under this token, and no later one of the same job. */
  stopJob(jobId: JobId, token: LeaseToken, reason: 'cancel' | 'lease_lost', message: string, graceMs?: number): void {
    const execution = this.executions.get(jobId);
    if (execution?.token === token) execution.context?.stop(reason, message, graceMs);
  }

  stopAll(reason: 'lease_lost' | 'drain', message: string): void {
    for (const { context } of this.executions.values()) context?.stop(reason, message);
  }

  /** While turned away, what has not started goes back to the queue instead of waiting here. */
  turnAway(away: boolean): void {
    this.turnedAway = away;
  }

  /** Waits until nothing is left in hand, at most `ms`. */
  async idleWithin(ms: number): Promise<boolean> {
    const end = this.deps.clock.now() + ms;
    while (this.size > 0 && this.deps.clock.now() < end) await this.deps.clock.sleep(25);
    return this.size === 0;
  }

  private async keep(execution: Execution<Transaction>, work: () => Promise<void>): Promise<void> {
    this.executions.set(execution.jobId, execution);
    try {
      await work();
    } catch (error) {
      // Every expected fault is handled below; whatever comes here must not take the consumer down, nor the copy with it.
      this.deps.logger.error({ jobId: execution.jobId, err: error }, 'a delivery could not be handled and goes back to the queue');
      execution.dispose('release');
    } finally {
      this.executions.delete(execution.jobId);
      execution.end();
    }
  }

  /**
   * Another copy of a job that is in hand here. While the row is that execution's, the copy is a duplicate. Once it is not
   * (the lease was lost and a sweeper put the job back), the copy is the job's only wake-up: it waits for the way to be free.
   */
  private async waitBeside(here: Execution<Transaction>, delivery: Delivery): Promise<boolean> {
    const { store, clock, config } = this.deps;
    while (delivery.open && this.executions.get(delivery.jobId) === here) {
      const outcome = await store.outcomeOf(here.jobId, here.token).catch(() => 'unknown');
      if (outcome === 'running') {
        delivery.accept();
        return false;
      }
      await Promise.race([here.ended, clock.sleep(config.parkMs)]);
    }
    return delivery.open;
  }

  private async claimAndRun(execution: Execution<Transaction>, delivery: Delivery): Promise<void> {
    const { clock, logger, config } = this.deps;
    let parkedSince: number | undefined;
    for (;;) {
      let next: Look = 'later';
      try {
        next = await this.look(execution, delivery);
      } catch (error) {
        logger.warn({ jobId: delivery.jobId, err: error }, 'the claim failed and is tried again');
      }
      if (typeof next === 'object') return this.run(execution, next);
      if (next === 'done') return;
      parkedSince = next === 'parked' ? (parkedSince ?? clock.now()) : undefined;
      // Its owner lives and runs it without this copy: from here on the lease guards it, as after a hand-over.
      if (parkedSince !== undefined && clock.now() - parkedSince >= config.parkLimitMs) {
        execution.dispose('accept');
        return;
      }
      if (next !== 'again') await clock.sleep(config.parkMs);
    }
  }

  /** One look at the row: a claimed job to run, or how to go on. */
  private async look(execution: Execution<Transaction>, delivery: Delivery): Promise<Look> {
    if (this.turnedAway) execution.dispose('release');
    if (this.turnedAway || !execution.guarded) return 'done';
    if (this.deps.paused?.kind(delivery.kind) && (await this.holdBack(execution))) return 'done';
    // Then the claim below finds it scheduled; or ended or running, if it was not queued: this copy may have to announce it.
    if (!this.canRun(delivery.kind)) await this.defer(delivery);

    const { store, workerId, config } = this.deps;
    const { maxCrashes } = config;
    const request = { jobId: delivery.jobId, publishId: delivery.publishId, token: execution.token, kind: delivery.kind, queue: delivery.queue };
    const answer = await this.claims.add(request);
    if (answer.claimed) return answer.claimed;

    const decision = decideDelivery({ ...request, workerId: workerId(), ...(maxCrashes === undefined ? {} : { maxCrashes }) }, answer.facts);
    switch (decision.action) {
      case 'drop':
        execution.dispose('accept');
        return 'done';
      case 'announce':
        await this.settling.announceAgain(execution);
        return 'done';
      case 'run':
        return (await store.claimedBy(delivery.jobId, execution.token)) ?? 'again';
      case 'claim-suspect':
        return (await store.claimSuspect(workerId(), request)) ?? 'again';
      case 'take-over':
        return (await store.takeOver(workerId(), request, decision.heldToken, decision.crashed)) ?? 'again';
      case 'exhaust':
        await this.exhaust(execution, decision.heldToken);
        return 'again';
      case 'await-turn':
        await store.awaitTurn(delivery.jobId, delivery.queue);
        execution.dispose('accept');
        return 'done';
      case 'expire':
        // As above: the next look announces it.
        await store.expire(delivery.jobId, delivery.publishId);
        return 'again';
      case 'park':
        return 'parked';
      case 'claim':
        return 'again';
    }
  }

  private async run(execution: Execution<Transaction>, claimed: ClaimedJob): Promise<void> {
    // A suspect runs in a process of its own (docs/inside/adr/0009). Bounded, for each is in the memory of this one too.
    if (claimed.crashes > 0 && this.aside < this.deps.config.maxAside) execution.standAside();
    const began = this.deps.clock.now();
    const settlement = await this.attempts.run(execution, claimed);
    execution.ranMs = this.deps.clock.now() - began;
    const length = claimed.payload.length + (settlement?.result?.length ?? 0);
    this.unsettled.add(length);
    try {
      if (settlement) await this.settling.settle(execution, claimed, settlement);
      else await this.settling.giveBack(execution, claimed);
    } finally {
      this.unsettled.remove(length);
    }
  }

  private async claim(requests: KindRequest[]): Promise<ClaimAnswer[]> {
    if (this.unsettled.full) await this.unsettled.room();
    const answers = await this.deps.store.claim(this.deps.workerId(), requests);
    for (const { claimed } of answers) if (claimed) this.sizes.seen(claimed.kind, claimed.payload.length);
    return answers;
  }

  private async exhaust(execution: Execution<Transaction>, heldToken: LeaseToken | null): Promise<void> {
    const error = jobError(new Error(heldToken ? 'too many workers that ran it were lost' : 'its attempts are used up'), 'worker_lost', 0);
    // The next look finds the job failed under this very copy, announces it and rejects the copy.
    await this.deps.store.exhaust(execution.jobId, execution.publishId, heldToken, error);
  }

  /** A job of a paused kind waits for its turn in the waiting room. False for one that is not queued: nothing of it can be started. */
  private async holdBack(execution: Execution<Transaction>): Promise<boolean> {
    if ((await this.deps.store.holdBack([execution.jobId])).length === 0) return false;
    execution.dispose('accept');
    return true;
  }

  private slotsOf(kind: string): number {
    return Math.min(this.deps.handlers.policy(kind)?.slots ?? 1, this.deps.config.concurrency ?? Infinity);
  }

  /** A worker that has fewer slots than a job takes never has them free. It does not start where that is so of a queue that it takes, so the job was sent to another. */
  private canRun(kind: string): boolean {
    const policy = this.deps.handlers.policy(kind);
    return policy !== undefined && policy.slots <= (this.deps.config.concurrency ?? Infinity);
  }

  private async defer({ jobId, kind }: Delivery): Promise<void> {
    const { store, config, logger, handlers } = this.deps;
    const slots = handlers.policy(kind)?.slots;
    const why =
      slots === undefined
        ? `no handler for kind ${JSON.stringify(kind)} on this worker`
        : `a job of ${kind} takes ${slots} slots, and this worker has ${config.concurrency}`;
    await store.defer(jobId, config.unknownKindDelayMs, config.unknownKindGiveUpMs, jobError(new Error(why), 'unknown_kind', 0));
    logger.warn({ jobId, kind, why }, 'a job that this worker cannot run was put off');
  }
}

function newToken(): LeaseToken {
  return randomUUID() as string as LeaseToken;
}
