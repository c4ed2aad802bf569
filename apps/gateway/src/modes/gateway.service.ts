/** What a gateway does beside answering requests; `health` is what readiness shows. */
export abstract class GatewayService {
  abstract start(): Promise<void>;
  /** Ends in the order in which nothing is lost. Requests are over when it is called. */
  abstract close(): Promise<void>;
  abstract health(): Promise<GatewayHealth>;
  /** Resolves when all that it needs has been there once: the broker, in distributed mode. */
  abstract whenUp(): Promise<void>;
}

export interface GatewayHealth {
  status: 'ok' | 'unavailable';
  database: 'up' | 'down';
  broker: 'up' | 'down' | 'blocked' | 'none';
  /** Why the broker is not up: one line for the operator, with its own text. It names hosts, accounts and queues. */
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
