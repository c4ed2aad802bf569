import type { Socket } from 'node:net';
import { type Logger, type Metrics, noMetrics, Pauses, systemClock, within } from '@app/core';
import { type ChannelModel, connect } from 'amqplib';
import { BrokerAccount } from './broker-account.js';
import { brokerFault } from './broker-fault.js';
import { type BrokerTls, socketOptions } from './broker-tls.js';
import { Declarations } from '../topology/declarations.js';
import { explained, isLasting } from './explained.js';
import { tellRefusals } from './refusal.js';
import type { Part } from '../topology/topology.js';

export type ConnectionRole = 'publish' | 'consume' | 'reply';

export interface ConnectionConfig {
  url: string;
  /** With a URL of `amqps:`; asked anew for each connection. */
  tls?: (() => BrokerTls) | undefined;
  /** The name in RabbitMQ's list of connections. */
  name: string;
  logger: Logger;
  /** The purpose of the connection: a label of its metrics. */
  role: ConnectionRole;
  metrics?: Metrics;
  /** Shared by the connections of a process, so that a problem of their account is logged once. */
  account?: BrokerAccount;
}

/** Something that uses a connection and is set up again on each new one. */
export interface Attachment {
  /** Called when the connection is open: opens channels, declares, consumes. A rejection closes the connection, and the next try follows after a pause. */
  attach(connection: ChannelModel): Promise<void>;
}

/** The heartbeat in seconds, unless the URL has one. With the server's default of 60 a half-open connection stays unnoticed for minutes. */
const HEARTBEAT = 10;
const FIRST_PAUSE_MS = 200;
/** The longest pause between two tries. It is short, so that a broker that is back is used within seconds, and jittered, so that not all clients come at once. */
export const LONGEST_PAUSE_MS = 3_000;
/** The pause after an error that only a person can fix. */
export const LASTING_PAUSE_MS = 10_000;
export const CLOSE_WITHIN_MS = 3_000;
/** The time limit of `attach`. The heartbeat notices a dead connection sooner, but amqplib may never settle a promise when the socket dies. */
const ATTACH_WITHIN_MS = 30_000;

/**
 * One AMQP connection that is kept open: it is made, watched, and made again after a growing, jittered pause.
 *
 * Authority: the `close` event, which amqplib emits for every end that it notices (an operator's close has no `error` event).
 * Publishing and consuming use two connections: a broker that is short of memory stops reading from publishing connections,
 * and would not read acks on them either.
 */
export class RabbitConnection {
  private readonly attachments: Attachment[] = [];
  private readonly stop = new AbortController();
  private loop: Promise<void> | undefined;
  private current: ChannelModel | undefined;
  private blockedReason: string | undefined;
  private attached = false;
  private wasUp = false;
  private why: string | undefined;
  /** The error for which the broker, or this process, closes the open connection. */
  private against: unknown;
  /** What the connections of the process have found out about their account. */
  readonly account: BrokerAccount;
  private readonly declarations: Declarations;
  private blockedAt: number | undefined;
  private blockedBefore = 0;

  constructor(private readonly config: ConnectionConfig) {
    tellRefusals();
    this.account = config.account ?? new BrokerAccount();
    this.declarations = new Declarations(this.account, config.logger);
  }

  /** Adds an attachment. Call it before `start`. */
  add(attachment: Attachment): void {
    this.attachments.push(attachment);
  }

  /** Whether the connection is open and all attachments are set up. */
  get up(): boolean {
    return this.attached;
  }

  /** Whether the connection was up at any time since the start. */
  get everUp(): boolean {
    return this.wasUp;
  }

  /** Why the connection is not up, in one line with the broker's own text. Undefined while it is up, and before the first try has ended. */
  get reason(): string | undefined {
    return this.attached ? undefined : this.why;
  }

  /**
   * Declares parts of the topology. Parts that the account may not declare must exist. Resolves with the number of messages that wait in the last
   * queue of them. Rejects when a part is missing or exists with other arguments; the message says what to do.
   */
  declare(connection: ChannelModel, parts: readonly Part[]): Promise<number | null> {
    return this.declarations.make(connection, parts);
  }

  /** Why the broker has stopped reading from this connection (a memory or disk alarm); undefined when it has not. */
  get blocked(): string | undefined {
    return this.blockedReason;
  }

  get role(): ConnectionRole {
    return this.config.role;
  }

  /** How long the broker has blocked this connection in total, in seconds. */
  get blockedSeconds(): number {
    return this.blockedBefore + (this.blockedAt === undefined ? 0 : (performance.now() - this.blockedAt) / 1_000);
  }

  start(): void {
    this.loop ??= this.run();
  }

  /** Channels first: closing only the connection loses acks that are on their way (20 of 20, measured). */
  async close(): Promise<void> {
    this.stop.abort();
    if (this.current) await shut(this.current);
    // A connection that is still being made is closed as soon as it is open.
    if (this.loop) await within(CLOSE_WITHIN_MS, this.loop);
  }

  /** Closes the connection, so that all attachments are set up again on a new one. `because` is the error; after a lasting one the pause is long. */
  async reset(because?: unknown): Promise<void> {
    this.against = because;
    if (this.current) await shut(this.current);
  }

  private setBlocked(reason: string | undefined): void {
    this.blockedBefore = this.blockedSeconds;
    this.blockedAt = reason === undefined ? undefined : performance.now();
    this.blockedReason = reason;
  }

  private count(name: 'amqp_connections_total' | 'amqp_connections_lost_total' | 'amqp_connection_failures_total'): void {
    (this.config.metrics ?? noMetrics).count(name, { connection: this.config.role });
  }

  private isStopping(): boolean {
    return this.stop.signal.aborted;
  }

  private async run(): Promise<void> {
    const { logger, name } = this.config;
    const pauses = new Pauses(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    while (!this.isStopping()) {
      try {
        this.against = undefined;
        const closed = await this.establish();
        pauses.reset();
        this.count('amqp_connections_total');
        logger.info({ connection: name }, 'connected to RabbitMQ');
        await closed();
        if (!this.isStopping()) {
          this.count('amqp_connections_lost_total');
          if (isLasting(this.against)) throw this.against;
          this.why =
            this.against === undefined
              ? 'the connection to RabbitMQ was lost'
              : `the connection to RabbitMQ was lost: ${brokerFault(this.against, this.config.url)}`;
          logger.warn({ connection: name }, this.why);
        }
      } catch (error) {
        this.count('amqp_connection_failures_total');
        if (isLasting(error)) pauses.set(LASTING_PAUSE_MS);
        this.tell(error, pauses.coming);
      }
      await systemClock.sleep(pauses.next() * (0.5 + Math.random() / 2), this.stop.signal);
    }
  }

  /** Logs a reason once, and again each minute while it lasts. */
  private tell(error: unknown, retryMs: number): void {
    const fault = brokerFault(explained(error), this.config.url);
    this.why = fault;
    if (this.isStopping() || !this.account.told.isNew(fault)) return;
    this.config.logger.warn({ connection: this.config.name, retryMs }, `no connection to RabbitMQ: ${fault}`);
  }

  /** Resolves when all attachments are set up, with a function that waits for the end of the connection. (A promise in its place would be awaited too early.) */
  private async establish(): Promise<() => Promise<void>> {
    const tls = this.config.tls?.();
    if (tls?.fault !== undefined && this.account.told.isNew(tls.fault)) this.config.logger.error({ connection: this.config.name }, tls.fault);
    const connection = await connect(withHeartbeat(this.config.url), {
      ...socketOptions(tls),
      keepAlive: true,
      noDelay: true,
      timeout: 10_000,
      clientProperties: { connection_name: this.config.name },
    } as Parameters<typeof connect>[1]);
    writeTogether(socketOf(connection));
    // Each attachment and each consumer listens for its end: as many as there are queues, which Node would take for a leak.
    connection.setMaxListeners(0);
    this.current = connection;
    const closed = new Promise<void>((resolve) =>
      connection.on('close', () => {
        this.current = undefined;
        this.attached = false;
        this.setBlocked(undefined);
        resolve();
      }),
    );
    connection.on('error', (error: Error) => (this.against = error));
    connection.on('blocked', (reason: string) => {
      // The broker repeats this while the alarm lasts.
      const isNew = this.blockedReason !== reason && this.account.told.isNew(`blocked: ${reason}`);
      this.setBlocked(reason);
      if (isNew)
        this.config.logger.warn(
          { reason },
          `RabbitMQ takes no messages: ${reason}; free memory or disk there (rabbitmq-diagnostics alarms). What is accepted waits in PostgreSQL`,
        );
    });
    connection.on('unblocked', () => this.setBlocked(undefined));
    try {
      const attaching = this.attachAll(connection);
      if (!(await within(ATTACH_WITHIN_MS, attaching))) throw new Error(`expected answers to what is declared within ${ATTACH_WITHIN_MS} ms, got none`);
      await attaching;
    } catch (error) {
      await shut(connection);
      throw error;
    }
    if (this.isStopping()) await shut(connection);
    this.attached = this.current === connection;
    if (this.attached) {
      this.wasUp = true;
      if (this.why !== undefined) this.account.told.forget(this.why);
    }
    return () => closed;
  }

  private async attachAll(connection: ChannelModel): Promise<void> {
    for (const attachment of this.attachments) if (!this.isStopping()) await attachment.attach(connection);
  }
}

/** The URL with the heartbeat: amqplib reads it only there, and not in the options of the socket. */
function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', String(HEARTBEAT));
  return parsed.href;
}

/** Closes a connection in good order, and by force after a time limit: amqplib's `close` may never settle when the socket dies. */
async function shut(connection: ChannelModel): Promise<void> {
  if (await within(CLOSE_WITHIN_MS, connection.close())) return;
  socketOf(connection).destroy(new Error(`expected RabbitMQ to close the connection within ${CLOSE_WITHIN_MS} ms, got no answer`));
}

function socketOf({ connection }: ChannelModel): Socket {
  return (connection as unknown as { stream: Socket }).stream;
}

/**
 * Makes the socket send all writes of one turn of the event loop in one system call. amqplib writes each frame separately, which costs a
 * busy worker a tenth of its time.
 */
function writeTogether(socket: Socket): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  const uncork = () => socket.uncork();
  socket.write = (...args: unknown[]) => {
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(uncork);
    }
    return write(...args);
  };
}
