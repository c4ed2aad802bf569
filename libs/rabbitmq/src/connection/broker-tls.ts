import { credentials } from 'amqplib';

/** What a connection speaks TLS with, as PEM. */
export interface BrokerTls {
  /** The authorities whose certificates RabbitMQ may have, in place of those that Node knows. */
  ca?: Buffer;
  /** A certificate of our own and its key, for a RabbitMQ that asks for one. */
  cert?: Buffer;
  key?: Buffer;
  /** Whether RabbitMQ takes the account from our certificate, and not from the URL. */
  external: boolean;
  /** Why newer files are not used, in one line. */
  fault?: string;
}

/** Options of amqplib's `connect`. */
export function socketOptions(tls: BrokerTls | undefined): object {
  if (tls === undefined) return {};
  const { ca, cert, key, external } = tls;
  // `credentials` takes precedence over user and password of the URL.
  return { ...(ca ? { ca } : {}), ...(cert && key ? { cert, key } : {}), ...(external ? { credentials: credentials.external() } : {}) };
}
