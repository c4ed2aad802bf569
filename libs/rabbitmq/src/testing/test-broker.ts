import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { jobQueueName } from '@app/contracts';
import { type JobId, type JobMessage, type Metrics, noMetrics, uuidv7 } from '@app/core';
import { RecordingLogger } from '@app/core/testing';
import { type Channel, type ChannelModel, connect, type GetMessage } from 'amqplib';
import { freshVhost, tcpProxy, type TcpProxy, waitFor } from '../../../../test/support/index.js';
import { testServices } from '../../../../test/support/services.mjs';
import { type Attachment, RabbitConnection } from '../connection/connection.js';
import { declarePart, type Part } from '../topology/topology.js';

/** A virtual host of one test file behind a proxy, and a plain client that inspects it. */
export class TestBroker {
  readonly logger = new RecordingLogger();
  private readonly connections = new Set<RabbitConnection>();
  readonly metrics: Metrics = { ...noMetrics, count: (name) => void this.counts.set(name, this.counted(name) + 1) };
  private readonly counts = new Map<string, number>();
  private made = 0;

  private constructor(
    /** The URL of the broker without the proxy. */
    readonly url: string,
    readonly vhost: string,
    readonly proxy: TcpProxy,
    readonly client: ChannelModel,
    private readonly drop: () => Promise<void>,
  ) {}

  static async open(): Promise<TestBroker> {
    const vhost = await freshVhost();
    const proxy = await tcpProxy(vhost.url);
    const client = await connect(vhost.url);
    client.on('error', () => undefined);
    return new TestBroker(vhost.url, vhost.name, proxy, client, () => vhost.drop());
  }

  async close(): Promise<void> {
    await this.closeConnections();
    await this.client.close();
    await this.proxy.close();
    await this.drop();
  }

  /** Closes the connections. Fails when an error was logged: no message may end in "could not be handled". */
  async closeConnections(): Promise<void> {
    await this.proxy.heal();
    await Promise.all([...this.connections].map((connection) => connection.close()));
    this.connections.clear();
    this.counts.clear();
    const errors = this.logger.entries.splice(0).filter(({ level }) => level === 'error');
    if (errors.length > 0) throw new Error(`expected nothing to be logged as an error, got: ${JSON.stringify(errors)}`);
  }

  /** A queue name that no other test uses. */
  queueName(): string {
    return `q${this.made++}`;
  }

  /** The value of a counter of the connections of this test. */
  counted(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  /** A connection through the proxy; `up` starts it. */
  connection({ heartbeat, url: given }: { heartbeat?: number; url?: string } = {}): RabbitConnection {
    const url = given ?? (heartbeat === undefined ? this.proxy.url : `${this.proxy.url}?heartbeat=${heartbeat}`);
    const connection = new RabbitConnection({ url, name: 'test', role: 'publish', logger: this.logger, metrics: this.metrics });
    this.connections.add(connection);
    return connection;
  }

  async up(connection: RabbitConnection, ...attachments: Attachment[]): Promise<void> {
    for (const attachment of attachments) connection.add(attachment);
    connection.start();
    await waitFor('the connection to be up', () => connection.up);
  }

  /** Does work on a channel of its own, so that a refusal of the broker harms nothing else. */
  async plain<Result>(work: (channel: Channel) => Promise<Result>): Promise<Result> {
    const channel = await this.client.createChannel();
    channel.on('error', () => undefined);
    try {
      return await work(channel);
    } finally {
      await channel.close().catch(() => undefined);
    }
  }

  /** Declares parts of the topology, by a client that may declare all. */
  declare(...parts: readonly Part[]): Promise<void> {
    return this.plain(async (channel) => {
      for (const part of parts) await declarePart(channel, part);
    });
  }

  /** Resolves when everything that the broker has sent on a connection has arrived: it answers in order. */
  async settled(connection: RabbitConnection): Promise<void> {
    const { current } = connection as unknown as { current: ChannelModel };
    const channel = await current.createChannel();
    await channel.close();
    // A settlement arrives only with the next answer.
    const again = await current.createChannel();
    await again.close();
  }

  /** The number of messages that wait in a queue, without unacknowledged ones. */
  async depth(name: string): Promise<number> {
    return this.plain(async (channel) => (await channel.checkQueue(name)).messageCount);
  }

  /** The number of all messages of a queue, with those on their way to the dead letters. The broker counts them every few seconds. */
  async held(name: string): Promise<number> {
    const { managementUrl } = testServices();
    if (managementUrl !== null) {
      const { username, password } = new URL(this.url);
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      const response = await fetch(`${new URL(managementUrl).origin}/api/queues/${this.vhost}/${name}`, { headers: { authorization } });
      return ((await response.json()) as { messages: number }).messages;
    }
    const stdout = await this.ctl('list_queues -p "$1" name messages');
    return Number(
      stdout
        .split('\n')
        .map((line) => line.split('\t'))
        .find(([queue]) => queue === name)?.[1],
    );
  }

  /** Limits the length of the job queues of this virtual host; null removes the limit. Resolves with false where policies cannot be set. */
  async limitLength(length: number | null): Promise<boolean> {
    if (testServices().managementUrl !== null) return false;
    const policy = length === null ? 'clear_policy -p "$1" length' : `set_policy -p "$1" length '^longhaul.jobs' '{"max-length": ${length}}' --apply-to queues`;
    await this.ctl(policy);
    return true;
  }

  async consumers(name: string): Promise<number> {
    return this.plain(async (channel) => (await channel.checkQueue(name)).consumerCount);
  }

  /** Takes a message off a queue. */
  async take(name: string): Promise<GetMessage> {
    return this.plain(async (channel) => waitFor(`a message in ${name}`, () => channel.get(name, { noAck: true })));
  }

  deleteQueue(name: string): Promise<unknown> {
    return this.plain((channel) => channel.deleteQueue(name));
  }

  /** Sends a message with confirm, without Longhaul's own code. */
  async send(queue: string, options: object = {}, content: Buffer = Buffer.from('{}')): Promise<void> {
    const channel = await this.client.createConfirmChannel();
    channel.sendToQueue(jobQueueName(queue), content, { persistent: true, ...options });
    await channel.waitForConfirms();
    await channel.close();
  }

  /** Runs a command of rabbitmqctl in a shell in which `$1` is the virtual host. Resolves with its output. */
  private async ctl(command: string): Promise<string> {
    const { stdout } = await promisify(execFile)('sh', ['-c', `${testServices().rabbitmqctl} -q ${command}`, 'sh', this.vhost]);
    return stdout;
  }

  messages(level: string): string[] {
    return this.logger.entries.filter((entry) => entry.level === level).map(({ message }) => message);
  }
}

export function jobMessage(queue: string, more: Partial<JobMessage> = {}): JobMessage {
  return { type: 'job', outboxId: uuidv7(), jobIds: [uuidv7() as JobId], kind: 'test.job', queue, priority: 4, traceparent: null, ...more };
}
