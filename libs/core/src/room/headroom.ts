/** What a look finds of one queue. */
export interface QueueLook {
  /** Jobs that are ready in RabbitMQ. */
  ready: number;
  /** Jobs that this process has published to it since its last look. */
  published: number;
  workers: number;
  /** Jobs of it wait in the room. */
  waits: boolean;
  /** Milliseconds of a monotonic clock. */
  now: number;
}

/** So many jobs may be in a queue that nobody is known to take from: whoever looks at RabbitMQ's queue finds some there. */
const FLOOR_JOBS = 16;
const PER_WORKER = 2;
/** As much as is started in so many seconds. */
const SECONDS_OF_WORK = 0.25;
const MOST_BOOST = 16;
/** Weight of the newest look in the rate, when it gets less. */
const NEWEST = 0.3;
/** Below that the time between two looks says little about a rate. */
const SHORTEST_MS = 20;

/** Of a queue of which nothing is known but its workers, in jobs. */
export function leastHeadroom(workers: number): number {
  return Math.max(FLOOR_JOBS, PER_WORKER * workers);
}

/**
 * How many jobs RabbitMQ should hold of a queue: enough that no worker waits for the next look, few enough that a job of a higher priority
 * soon has its turn.
 *
 * Starts a second are what this process has published, less by how much the queue has grown. What others publish is not seen, so the rate may be too
 * low; then the queue is found empty while jobs wait, and the headroom doubles, until it is not.
 */
export class Headroom {
  private rate = 0;
  private boost = 1;
  private last: { ready: number; now: number } | undefined;

  /** Jobs. */
  seen({ ready, published, workers, waits, now }: QueueLook): number {
    const { last } = this;
    if (last && now - last.now >= SHORTEST_MS) {
      const started = (Math.max(0, published + last.ready - ready) * 1_000) / (now - last.now);
      this.rate = Math.max(started, this.rate + NEWEST * (started - this.rate));
    }
    const base = Math.max(leastHeadroom(workers), SECONDS_OF_WORK * this.rate);
    // Only a queue that was filled and is empty again shows that it was too little.
    if (ready === 0 && waits && published > 0 && workers > 0) this.boost = Math.min(MOST_BOOST, this.boost * 2);
    else if (ready > (base * this.boost) / 2) this.boost = Math.max(1, this.boost / 2);
    this.last = { ready, now };
    return Math.ceil(base * this.boost);
  }
}
