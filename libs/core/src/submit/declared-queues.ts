import { Refusal } from '../job/errors.js';
import { nearest } from '../job/nearest.js';
import type { Kinds } from '../job/kinds.js';
import type { QueueDeclarations, Queues } from '../control/queues.js';
import { MicroBatcher } from '../kit/micro-batcher.js';
import { unavailable } from './store-submissions.js';

/** How long a process trusts what it has read. A deleted queue is taken from for longer than that: see `QueueRemoval`. */
const TRUST_MS = 2_000;
/** Names of one look at most. */
const MAX_NAMES = 1_000;

/**
 * Which queues a submission may name. Each is a durable queue of the broker with consumers in every worker, so a caller
 * must not make them by naming them: they come with a kind, by configuration, by `PUT /queues/{name}`, or with a worker's `WORKER_QUEUES`.
 */
export class DeclaredQueues {
  /** Queues of kinds: these never go. */
  private readonly ensured = new Set<string>();
  private readonly trustedUntil = new Map<string, number>();
  /** Looks begin after they were asked for, so that a queue which was declared a moment ago is seen, and go one at a time for all who ask. */
  private readonly looks = new MicroBatcher<string, Refusal | undefined>((names) => this.lookAt(names), { maxItems: MAX_NAMES });

  constructor(
    private readonly queues: Pick<Queues, 'ensure'> & Partial<QueueDeclarations>,
    private readonly kinds: Kinds,
  ) {}

  /** Whether the queue needs no look. */
  known(queue: string): boolean {
    return this.ensured.has(queue) || (this.trustedUntil.get(queue) ?? 0) > performance.now();
  }

  /** Rejects with a `Refusal` for a queue that nobody has declared. */
  async require(queue: string): Promise<void> {
    const refusal = await this.looks.add(queue).catch(unavailable);
    if (refusal) throw refusal;
  }

  /** Rejects as `require`, and makes no queue known to anyone. */
  async check(queue: string): Promise<void> {
    const { declared } = this.queues;
    if (this.known(queue) || declared === undefined || this.isOfKind(queue)) return;
    const known = await declared.call(this.queues).catch(unavailable);
    if (known instanceof Refusal) throw known;
    if (!known.includes(queue)) throw this.refusal(queue, known);
  }

  private async lookAt(names: string[]): Promise<(Refusal | undefined)[]> {
    const { declared } = this.queues;
    const asked = [...new Set(names)];
    const forGood = asked.filter((queue) => declared === undefined || this.isOfKind(queue));
    const others = asked.filter((queue) => !forGood.includes(queue));
    const known = others.length > 0 ? await this.queues.declared?.() : [];
    const found = others.filter((queue) => known?.includes(queue));
    // One that a worker has declared becomes known to all.
    if (forGood.length + found.length > 0) await this.queues.ensure([...forGood, ...found]);
    for (const queue of forGood) this.ensured.add(queue);
    for (const queue of found) this.trustedUntil.set(queue, performance.now() + TRUST_MS);
    return names.map((queue) => (this.known(queue) ? undefined : this.refusal(queue, known ?? [])));
  }

  private isOfKind(queue: string): boolean {
    return this.kinds.names().some((kind) => this.kinds.policy(kind)?.queue === queue);
  }

  private refusal(queue: string, declared: string[]): Refusal {
    const near = nearest(queue, declared);
    const hint = near ? `; did you mean "${near}"?` : '; GET /queues lists the declared ones, PUT /queues/{name} declares one';
    const detail = `is not a declared queue${hint}`;
    return new Refusal('unknown_queue', `no queue ${JSON.stringify(queue)}${hint}`, [{ pointer: '/options/queue', detail }]);
  }
}
