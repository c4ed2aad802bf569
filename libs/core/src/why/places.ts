import { MicroBatcher } from '../kit/micro-batcher.js';
import type { JobCount } from '../control/job-reader.js';
import type { RoomBound, RoomPlace, WhyStore } from './why-store.js';

/** So many are counted one by one, at each question. */
export const COUNTED = 10_000;
/** Between two rungs of a ladder. The fewer, the less is counted at a question; the ladder itself costs the same. */
const STEP = 1_000;
/** Before the first rung and behind the last there may be what has come since the ladder was read. */
const MOST = 5 * COUNTED;
/** How old a ladder may be. It is only read while somebody asks. */
const FRESH_MS = 10_000;
const HIGHEST = 9;

interface Ladder {
  readAt: number;
  rungs: ReadonlyMap<number, RoomBound[]>;
}

/**
 * How many jobs of a queue are before a place.
 *
 * Authority: the room's order, as it is at the question. Up to {@link COUNTED} jobs are counted there. Of more, a ladder is kept in this process: each
 * 1,000th row of the room, at most ten seconds old. What is between two rungs is taken for 1,000; what is before the first that is still there, and
 * behind the last, is counted. So jobs that were released since are not counted, and what is wrong is only what came or went in the middle.
 */
export class Places {
  private readonly ladders = new Map<string, Ladder>();
  private readonly reads: MicroBatcher<string, Ladder>;

  constructor(
    private readonly store: Pick<WhyStore, 'ahead' | 'between' | 'heads' | 'rungs'>,
    private readonly now: () => number = () => performance.now(),
  ) {
    // One look at a time, and one for all who ask meanwhile.
    this.reads = new MicroBatcher((queues) => Promise.all(this.readEach(queues)), { maxItems: 100 });
  }

  async ahead(queue: string, place: RoomPlace, pausedKinds: string[]): Promise<JobCount> {
    // Where so many wait that nobody would count them, a ladder that is there answers without a count. It has the jobs of paused kinds too.
    if (pausedKinds.length === 0 && this.fresh(queue)) {
      const jobs = await this.byLadder(queue, place);
      if (jobs > 2 * COUNTED) return { jobs, exact: false };
    }
    const counted = await this.store.ahead(queue, place, pausedKinds, COUNTED);
    if (counted <= COUNTED) return { jobs: counted, exact: true };
    return { jobs: await this.byLadder(queue, place), exact: false };
  }

  private async byLadder(queue: string, place: RoomPlace): Promise<number> {
    const [ladder, heads] = await Promise.all([this.ladderOf(queue), this.store.heads(queue)]);
    const parts: Promise<number>[] = [];
    for (let priority = HIGHEST; priority >= place.priority; priority--) {
      const head = heads.get(priority);
      if (head) parts.push(this.ofPriority(queue, priority, ladder.rungs.get(priority) ?? [], head, priority === place.priority ? place : null));
    }
    return (await Promise.all(parts)).reduce((sum, part) => sum + part, 0);
  }

  private async ofPriority(queue: string, priority: number, all: RoomBound[], head: RoomBound, end: RoomBound | null): Promise<number> {
    const rungs = all.filter((rung) => isBefore(head, rung) && (end === null || isBefore(rung, end)));
    const [first, last] = [rungs[0], rungs.at(-1)];
    if (!first || !last) return this.store.between(queue, priority, null, end, MOST);
    const [front, tail] = await Promise.all([this.store.between(queue, priority, null, first, MOST), this.store.between(queue, priority, last, end, MOST)]);
    return front + (rungs.length - 1) * STEP + tail;
  }

  private fresh(queue: string): Ladder | undefined {
    const known = this.ladders.get(queue);
    return known && this.now() - known.readAt < FRESH_MS ? known : undefined;
  }

  private async ladderOf(queue: string): Promise<Ladder> {
    return this.fresh(queue) ?? this.reads.add(queue);
  }

  private readEach(queues: string[]): Promise<Ladder>[] {
    const read = new Map<string, Promise<Ladder>>();
    for (const queue of queues) if (!read.has(queue)) read.set(queue, this.read(queue));
    return queues.map((queue) => read.get(queue) as Promise<Ladder>);
  }

  private async read(queue: string): Promise<Ladder> {
    const known = this.fresh(queue);
    if (known) return known;
    const ladder = { readAt: this.now(), rungs: await this.store.rungs(queue, STEP) };
    this.ladders.set(queue, ladder);
    return ladder;
  }
}

function isBefore(one: RoomBound, other: RoomBound): boolean {
  return one.virtualTime < other.virtualTime || (one.virtualTime === other.virtualTime && one.jobId < other.jobId);
}
