/** The work of a gateway apart from answering requests, and the health that readiness shows. */
export abstract class GatewayService {
  abstract start(): Promise<void>;
  /** Stops in an order that loses nothing. Call it when all requests have ended. */
  abstract close(): Promise<void>;
  abstract health(): Promise<GatewayHealth>;
  /** Whether messages reach the broker from here: `blocked` where it takes none, `none` without one. */
  abstract get brokerState(): GatewayHealth['broker'];
  /** Why it is not `up`: one line for the operator, with the broker's own text. */
  abstract get brokerReason(): string | undefined;
  /** What the broker denies the account of this gateway, and what that costs: each in a sentence or two. */
  abstract get brokerDenies(): readonly string[];
  /** Resolves when everything that it needs was available once: the broker, in distributed mode. */
  abstract whenUp(): Promise<void>;
}

export interface GatewayHealth {
  status: 'ok' | 'unavailable';
  database: 'up' | 'down';
  broker: 'up' | 'down' | 'blocked' | 'none';
  /** Why the broker is not connected: one line for the operator, with the broker's own text. It names hosts, accounts and queues. */
  reason?: string;
}

/** Whether the database answers in time for a probe. */
export async function databaseHealth(ping: () => Promise<void>, withinMs = 2_000): Promise<'up' | 'down'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'down'>((resolve) => (timer = setTimeout(() => resolve('down'), withinMs)));
  const answer = ping().then(
    () => 'up' as const,
    () => 'down' as const,
  );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
