import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobView } from '@app/contracts';
import { AmqpProducer } from './amqp-producer.js';
import type { Ledger } from './ledger.js';
import type { Random } from './random.js';
import type { World } from './world.js';

export interface Order {
  kind: string;
  payload: Record<string, unknown>;
  /** The AMQP door has no options: an order with some goes over HTTP. */
  options?: Record<string, unknown>;
}

/** Longer than any fault: a client that gives up would only hide what it has not seen accepted. */
const PATIENCE_MS = 180_000;
const MAX_PENDING = 500;
const BACKLOG_PENDING = 50;

/**
 * Clients that submit at a steady rate over both doors, repeat each submission with its key until it is accepted, and
 * one in ten once more, at once or a little later. Writes down what was accepted.
 */
export class Load {
  private readonly stopping = new AbortController();
  private readonly pending = new Set<Promise<void>>();
  private readonly failures: unknown[] = [];
  private readonly producer: AmqpProducer;
  private loop: Promise<void> = Promise.resolve();
  private turn = 0;
  private abandoned = false;

  constructor(
    private readonly world: World,
    private readonly ledger: Ledger,
    private readonly random: Random,
    private readonly ratePerSecond: number,
    private readonly order: (random: Random) => Order = mixedOrder,
  ) {
    this.producer = new AmqpProducer(world.amqpUrl);
  }

  start(): void {
    this.loop = this.run();
  }

  /** No more new ones; resolves when each that was begun is accepted. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await Promise.all(this.pending);
    await this.producer.close();
    if (this.failures.length > 0) throw new AggregateError(this.failures, `${String(this.failures.length)} submissions were given up`);
  }

  /** No more new ones and no more tries: the scenario has failed. */
  abandon(): void {
    this.stopping.abort();
    this.abandoned = true;
    void this.producer.close();
  }

  /** One submission of the caller's choice, with all that belongs to it. */
  submit(order: Order, door: 'http' | 'amqp' = 'http'): void {
    const key = randomUUID();
    this.ledger.open(key, door, order.kind);
    const once = () => (door === 'http' ? this.post(key, order) : this.publish(key, order));
    this.begin(once());
    if (!this.random.chance(0.1)) return;
    this.ledger.repeats++;
    const later = this.random.chance(0.5) ? 0 : this.random.integer(1, 1_000);
    this.begin(delay(later).then(once));
  }

  /** So many submissions besides, as fast as they are accepted; resolves when all are. */
  async backlog(jobs: number): Promise<void> {
    for (let made = 0; made < jobs; made++) {
      this.submit(this.order(this.random));
      if (this.pending.size >= BACKLOG_PENDING) await Promise.race(this.pending);
    }
    await Promise.all(this.pending);
  }

  private async run(): Promise<void> {
    const began = performance.now();
    for (let made = 0; !this.stopping.signal.aborted;) {
      const due = Math.floor(((performance.now() - began) / 1_000) * this.ratePerSecond);
      // After a pause of this process: no burst of what should have been made in it.
      if (due - made > this.ratePerSecond) made = due - 1;
      // While nobody accepts anything, those that wait are pressure enough: their retries must not starve this very process.
      if (this.pending.size > MAX_PENDING) made = due;
      for (; made < due; made++) {
        const order = this.order(this.random);
        this.submit(order, order.options === undefined && this.world.mode === 'distributed' && this.random.chance(0.3) ? 'amqp' : 'http');
      }
      await delay(20);
    }
  }

  private begin(submission: Promise<void>): void {
    const tracked = submission.catch((error: unknown) => void this.failures.push(error)).finally(() => this.pending.delete(tracked));
    this.pending.add(tracked);
  }

  private async publish(key: string, { kind, payload }: Order): Promise<void> {
    await this.producer.publish(kind, key, payload, PATIENCE_MS);
    this.ledger.accepted(key);
  }

  private async post(key: string, order: Order): Promise<void> {
    for (let end = Date.now() + PATIENCE_MS, tries = 1; ; tries++) {
      const { status, id } = await this.tryPost(key, order);
      if (id !== undefined) {
        this.ledger.accepted(key, id);
        return;
      }
      this.ledger.refused(status);
      if (this.abandoned || Date.now() > end) throw new Error(`expected a 202 for ${key} within ${String(PATIENCE_MS)} ms, got: ${String(status)}`);
      await delay(this.random.integer(100, Math.min(500 * tries, 3_000)));
    }
  }

  private async tryPost(key: string, order: Order): Promise<{ status: number; id?: string }> {
    try {
      const response = await fetch(`${this.world.api(this.turn++).url}/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `"${key}"` },
        body: JSON.stringify(order),
        signal: AbortSignal.timeout(10_000),
      });
      const body = (await response.json()) as JobView;
      return response.status === 202 ? { status: 202, id: body.id } : { status: response.status };
    } catch {
      return { status: 0 };
    }
  }
}

/** Short and long, through and failing, of several kinds. */
function mixedOrder(random: Random): Order {
  const dice = random.next();
  if (dice < 0.06) return { kind: 'debug.sleep', payload: { ms: random.integer(0, 1_000) } };
  if (dice < 0.08) return { kind: 'debug.fail', payload: { message: 'meant to fail', retryable: false } };
  const failures = dice < 0.16 ? { failures: random.integer(1, 2) } : {};
  const ms = random.chance(0.3) ? random.integer(1, 300) : 0;
  return { kind: 'debug.ledger', payload: { key: randomUUID(), ms, ...failures } };
}
