/** What a look finds of one queue. */
export interface QueueLook {
  /** Jobs that are ready in RabbitMQ. */
  ready: number;
  /** Jobs that this process has published to it since its last look. */
  published: number;
  workers: number;
  /** Jobs of it wait in the room. */
  waits: boolean;
  /** Several share it: what RabbitMQ has of it is behind nobody's turn. */
  fair: boolean;
  /** Milliseconds of a monotonic clock. */
  now: number;
}

const PER_WORKER = 2;
interface Measure {
  /** So many jobs may be in a queue that nobody is known to take from: whoever looks at RabbitMQ's queue finds some there. */
  floor: number;
  /** As much as is started in so many seconds. */
  seconds: number;
}
const OF_ONE: Measure = { floor: 16, seconds: 0.25 };
/** Whoever comes new to a fair queue starts behind what RabbitMQ has of it, so that is little, and looked at often. */
const OF_SEVERAL: Measure = { floor: 8, seconds: 0.05 };
const MOST_BOOST = 16;
/** Weight of the newest look in the rate, when it gets less. */
const NEWEST = 0.3;
/** Below that the time between two looks says little about a rate. */
const SHORTEST_MS = 20;

/** Of a queue of which nothing is known but its workers, in jobs. */
export function leastHeadroom(workers: number, { floor }: Measure = OF_ONE): number {
  return Math.max(floor, PER_WORKER * workers);
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

  /** Milliseconds in which this process has to publish as many jobs anew, by what it has published lately. */
  lastsMs(jobs: number): number {
    return this.rate > 0 ? (jobs * 1_000) / this.rate : Infinity;
  }

  /** Jobs. */
  seen({ ready, published, workers, waits, fair, now }: QueueLook): number {
    const { last } = this;
    if (last && now - last.now >= SHORTEST_MS) {
      const started = (Math.max(0, published + last.ready - ready) * 1_000) / (now - last.now);
      this.rate = Math.max(started, this.rate + NEWEST * (started - this.rate));
    }
    const measure = fair ? OF_SEVERAL : OF_ONE;
    const base = Math.max(leastHeadroom(workers, measure), measure.seconds * this.rate);
    // Only a queue that was filled and is empty again shows that it was too little.
    if (ready === 0 && waits && published > 0 && workers > 0) this.boost = Math.min(MOST_BOOST, this.boost * 2);
    else if (ready > (base * this.boost) / 2) this.boost = Math.max(1, this.boost / 2);
    this.last = { ready, now };
    return Math.ceil(base * this.boost);
  }
}
