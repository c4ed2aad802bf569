import { Refusal } from '../job/errors.js';
import { nearest } from '../job/nearest.js';
import type { Kinds } from '../ports/kinds.js';
import type { QueueDeclarations, Queues } from '../ports/queues.js';
import { unavailable } from './store-submissions.js';

/** How long a process trusts what it has read. A deleted queue is taken from for longer than that: see `QueueRemoval`. */
const TRUST_MS = 2_000;

/**
 * Which queues a submission may name. Each is a durable queue of the broker with consumers in every worker, so a caller
 * must not make them by naming them: they come with a kind, by configuration, by `PUT /queues/{name}`, or with a worker's `WORKER_QUEUES`.
 */
export class DeclaredQueues {
  /** Queues of kinds: these never go. */
  private readonly ensured = new Set<string>();
  private readonly trustedUntil = new Map<string, number>();

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
    try {
      await this.look(queue);
    } catch (error) {
      throw error instanceof Refusal ? error : unavailable(error);
    }
  }

  private async look(queue: string): Promise<void> {
    if (this.queues.declared === undefined || this.isOfKind(queue)) {
      await this.queues.ensure([queue]);
      this.ensured.add(queue);
      return;
    }
    const declared = await this.queues.declared();
    if (!declared.includes(queue)) throw this.refusal(queue, declared);
    // One that a worker has declared becomes known to all.
    await this.queues.ensure([queue]);
    this.trustedUntil.set(queue, performance.now() + TRUST_MS);
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
