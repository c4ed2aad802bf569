import type { Clock } from '../kit/clock.js';
import type { Logger } from '../kit/logger.js';
import { PollingLoop } from '../kit/polling-loop.js';
import type { JobMessage } from '../relay/outbox.js';
import type { Backlogs } from './backlogs.js';
import { Headroom, leastHeadroom } from './headroom.js';
import type { WaitingRoom, Wanted } from './waiting-room.js';

export interface PassDependencies {
  room: WaitingRoom;
  /** Without a broker: before each look. */
  before?: () => Promise<void>;
  /** Without a broker, where jobs without limits are claimed out of the room. */
  only?: 'limited';
  backlogs: Backlogs;
  /** Messages that are ready in a queue; null when that cannot be told now. */
  ready: (queue: string) => Promise<number | null>;
  /** Whether publishing now is worth a try. */
  canPublish: () => boolean;
  /** Publishes what was released, and resolves when it is confirmed or given up; must not reject. */
  publish: (messages: JobMessage[]) => Promise<void>;
  /** Called with each release. */
  released?: (messages: JobMessage[]) => void;
  clock: Clock;
  logger: Logger;
  config: {
    /** The longest time between two looks. */
    lookMs: number;
    /** Between two looks at a queue that was found half empty. */
    hurryMs: number;
    /** The shortest time between two looks at a fair queue: it is looked at before half of what RabbitMQ may hold of it has been started. */
    fairMs: number;
    /** After another process had the lock. */
    retryMs: number;
    /** How long a released job's row is left to this process: longer than a publish can take. */
    hideSeconds: number;
    /** Jobs that one pass releases of a queue. */
    most: number;
  };
}

/** Between two looks for which a rate says the time. */
const SHORTEST_MS = 10;
/** So many headrooms of jobs may be published to a queue between two looks. */
const ALLOWED_HEADROOMS = 2;
/** The longest wait for confirms before the next look. */
const CONFIRM_MS = 1_000;

/**
 * Lets jobs out of the waiting room as RabbitMQ's queues get short, and tells this process which queues are backlogged.
 *
 * Runs in every process with a relay. Authority: the room's rows in PostgreSQL say who waits and in which order; RabbitMQ's ready count says how many may
 * leave. One process releases at a time: it holds an advisory lock for the length of its transaction. Nothing is kept in memory that another process
 * needs: each looks for itself, and a queue with jobs in the room is looked at by all of them.
 * What a crash leads to:
 * - before the release commits: nothing has happened, and the lock is free with the session;
 * - after it, before the publish or the confirm: rows of the outbox, hidden for `hideSeconds`; then any relay publishes them. They have been released,
 *   so they do not wait again, and a job with limits keeps its slots;
 * - after the publish, before the confirm or the delete of the row: the same; the claim drops the second copy;
 * - the answer of the commit is lost: the same, for nobody knows what to publish.
 * Two processes may look before either has published, and both release: a queue holds at most one headroom too many for each. Between two looks each
 * publishes two headrooms of a queue at most; what is submitted or falls due beyond that waits in the room, however short the queue was.
 * In single-process mode it releases jobs with limits alone, into rows of the outbox that are due at once; their number is what RabbitMQ's ready count is elsewhere.
 * While RabbitMQ is away or blocks, nothing is released. Of a queue whose length cannot be read, the least headroom is released at each look, and its
 * length never makes it backlogged, nor is anything kept from it.
 */
export class ReleasePass {
  private readonly loop: PollingLoop;
  private readonly headrooms = new Map<string, Headroom>();
  /** Queues that the last look found backlogged. */
  private long: ReadonlySet<string> = new Set();
  /** Jobs that one message holds, as of the last that were published from here. */
  private readonly perMessage = new Map<string, number>();

  constructor(private readonly deps: PassDependencies) {
    // Not with the first look: whatever starts before that would publish all that is due.
    deps.backlogs.lookingWhile(deps.canPublish);
    this.loop = new PollingLoop({
      clock: deps.clock,
      look: () => this.pass(),
      everyMs: deps.config.lookMs,
      failed: (error) => deps.logger.warn({ err: error }, 'the waiting room could not be looked at'),
    });
  }

  start(): void {
    this.loop.start();
  }

  /** Looks soon: a job with limits has come, or a slot is free. */
  nudge(): void {
    this.loop.nudge();
  }

  /** Jobs that this process has stored wait for their turn; looks soon where that may be at once: they have limits, or their queue is not known to be long. */
  waiting(limited: boolean): void {
    if (limited || this.deps.backlogs.early) this.nudge();
  }

  close(): Promise<void> {
    return this.loop.close();
  }

  /** Returns how long to wait before the next look. */
  private async pass(): Promise<number> {
    const { room, backlogs, clock, config, canPublish } = this.deps;
    await this.deps.before?.();
    const sent = backlogs.takeSent();
    for (const [queue, { jobs, messages }] of sent) this.perMessage.set(queue, jobs / messages);
    // A queue that was found long is looked at until it is short, also when nothing more is published to it.
    const known = new Set([...sent.keys(), ...this.long]);
    const view = await room.look([...known]);
    const queues = [...new Set([...known, ...view.waiting])];
    const ready = await Promise.all(queues.map((queue) => this.deps.ready(queue)));
    const backlogged = new Set(view.waiting);
    const wanted: Wanted[] = [];
    const allowed = new Map<string, { most: number; left: number }>();
    let nextMs = Math.min(config.lookMs, Math.max(view.nextTurnMs ?? config.lookMs, SHORTEST_MS));
    let hurry = false;
    for (const [index, queue] of queues.entries()) {
      const messages = ready[index] ?? null;
      const published = sent.get(queue)?.jobs ?? 0;
      const workers = view.workers.get(queue) ?? 0;
      const waits = view.waiting.has(queue);
      const jobs = Math.ceil((messages ?? 0) * (this.perMessage.get(queue) ?? 1));
      const fair = view.fairQueues.has(queue);
      const measured = this.headroomOf(queue);
      const headroom = messages === null ? leastHeadroom(workers) : measured.seen({ ready: jobs, published, workers, waits, fair, now: clock.now() });
      if (jobs >= headroom) backlogged.add(queue);
      // What is started until the next look, and a headroom on top: where less comes than that, nothing takes the way through the room.
      const most = ALLOWED_HEADROOMS * headroom;
      allowed.set(queue, { most, left: messages === null ? Infinity : most - jobs });
      if (!waits || view.pausedQueues.has(queue)) continue;
      if (fair) nextMs = Math.min(nextMs, Math.max(config.fairMs, measured.lastsMs(headroom / 2)));
      if (jobs >= headroom) continue;
      wanted.push({ queue, jobs: Math.min(headroom - jobs, config.most) });
      hurry ||= jobs < headroom / 2 && published > 0;
    }
    this.long = backlogged;
    backlogs.found(backlogged, view, allowed);
    if (wanted.length === 0 || !canPublish()) return nextMs;
    const messages = await room.release(wanted, config.hideSeconds, this.deps.only);
    if (messages === null) return config.retryMs;
    if (messages.length > 0) await this.publish(messages);
    return hurry && messages.length > 0 ? Math.min(config.hurryMs, nextMs) : nextMs;
  }

  /** Waits for the confirms, so that the next look finds them in the queue; not for ever, because other queues wait too. */
  private async publish(messages: JobMessage[]): Promise<void> {
    this.deps.released?.(messages);
    const enough = new AbortController();
    await Promise.race([this.deps.publish(messages).finally(() => enough.abort()), this.deps.clock.sleep(CONFIRM_MS, enough.signal)]);
  }

  private headroomOf(queue: string): Headroom {
    const known = this.headrooms.get(queue) ?? new Headroom();
    this.headrooms.set(queue, known);
    return known;
  }
}
