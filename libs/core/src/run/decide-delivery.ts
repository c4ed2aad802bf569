import { MAX_CRASHES } from '../job/kind.js';
import { isTerminal } from '../job/lifecycle.js';
import type { LeaseToken, PublishId, WorkerId } from '../job/job.js';
import type { ClaimFacts } from './attempt-store.js';

/** What to do with a delivery whose job could not be claimed at once. */
export type DeliveryDecision =
  /** Nothing is left to do for this copy: accept it. */
  | { action: 'drop' }
  /** The job ended, but its claimant may have died before it announced that: announce again, then accept (reject, if it failed). */
  | { action: 'announce' }
  /** The claim was ours all along, only its answer was lost: run it. */
  | { action: 'run' }
  /** Claim it under suspicion, for it has crashed a worker before: it runs in a process of its own. */
  | { action: 'claim-suspect' }
  /** The owner died with this very copy in hand: take the job over, under suspicion if it may have been the reason. */
  | { action: 'take-over'; heldToken: LeaseToken; crashed: boolean }
  /** No attempts are left, or too many workers were lost with it: the job ends as failed. */
  | { action: 'exhaust'; heldToken: LeaseToken | null }
  /** It has limits, and not their slots, or is of another queue by now: it gets a place in the waiting room, unless it has one, and the copy is dropped. */
  | { action: 'await-turn' }
  /** It should have started by now: the job ends as failed. */
  | { action: 'expire' }
  /** The owner lives and may come back for it, or may be about to be known as dead: hold the delivery for a while and look again. */
  | { action: 'park' }
  /** A claim of it went wrong for a reason that may be over: claim again. */
  | { action: 'claim' };

export interface DeliveryView {
  publishId: PublishId;
  /** The token this process tried to claim with. */
  token: LeaseToken;
  workerId: WorkerId;
  /** Whose message it is; left out, that is not looked at. */
  queue?: string;
  /** The loss of so many workers ends a job. Default {@link MAX_CRASHES}. */
  maxCrashes?: number;
}

/**
 * The claim's table (docs/inside/protocol.md): what a delivery means, given the job's row. Pure, total, and the only place
 * where it is decided.
 *
 * The row is the authority. A delivery proves one thing: the broker holds this copy (`publishId`) at nobody else. So a
 * copy that claimed the job and is delivered again has been taken from its claimant, while another copy of a running
 * job is a duplicate that guards nothing.
 */
export function decideDelivery(delivery: DeliveryView, facts: ClaimFacts | null): DeliveryDecision {
  // Retention removed the job, or the message is no work of ours.
  if (facts === null) return { action: 'drop' };
  const sameCopy = facts.publishId === delivery.publishId;

  if (isTerminal(facts.state)) return { action: sameCopy ? 'announce' : 'drop' };
  // Its time has not come; when it does, the outbox publishes a fresh copy.
  if (facts.state === 'scheduled') return { action: 'drop' };
  if (facts.state === 'queued') {
    if (facts.late) return { action: 'expire' };
    if (facts.attempt >= facts.maxAttempts) return { action: 'exhaust', heldToken: null };
    // Its turn has not come, or the slots of an earlier one were given back: only a release may bring a copy that runs.
    if (facts.waits) return { action: 'await-turn' };
    // It was moved while this copy was under way: the workers of that queue may not be those that are to run it.
    if (delivery.queue !== undefined && facts.queue !== undefined && facts.queue !== delivery.queue) return { action: 'await-turn' };
    return { action: facts.crashes > 0 ? 'claim-suspect' : 'claim' };
  }

  if (facts.token === delivery.token) return { action: 'run' };
  if (!sameCopy) return { action: 'drop' };
  const heldToken = facts.token as LeaseToken;
  // Claimed by this process, yet not running here: an earlier claim whose answer never came. Nothing crashed.
  if (facts.workerId === delivery.workerId) return { action: 'take-over', heldToken, crashed: false };
  if (facts.ownerAlive) return { action: 'park' };
  // A suspect runs in a process of its own: its worker was frozen or cut off by something else.
  if (facts.crashes > 0 && !facts.ownerDied) return { action: 'take-over', heldToken, crashed: false };
  // A lost worker costs no attempt; but who takes one worker after the other with it has to end.
  if (facts.crashes + 1 >= (delivery.maxCrashes ?? MAX_CRASHES)) return { action: 'exhaust', heldToken };
  return { action: 'take-over', heldToken, crashed: true };
}
