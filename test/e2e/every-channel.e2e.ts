// Ring 2: .ci/run runs this file.
import { type ChannelModel, connect } from 'amqplib';
import { smtpReceiver, type SmtpReceiver } from '../support/smtp-receiver.js';
import { type App, describeWithBroker, spawnApp, SseReader, type Stack, startStack, waitFor } from '../support/index.js';
import { webhookReceiver, type WebhookReceiver } from '../support/index.js';

const JOBS = Number(process.env['EVERY_CHANNEL_JOBS'] ?? 300);
const KILLS = 4;
const LANES = 8;
const MINUTES = 60_000;

describeWithBroker(`of ${String(JOBS)} jobs that run while workers are killed`, () => {
  let stack: Stack;
  let other: App;
  let receiver: WebhookReceiver;
  let smtp: SmtpReceiver;
  let connection: ChannelModel;
  const announced = new Map<string, Set<string>>();
  beforeAll(async () => {
    [receiver, smtp] = await Promise.all([webhookReceiver(), smtpReceiver()]);
    const env = {
      WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
      WEBHOOK_SCHEDULE: '300ms,1s,2s,2s,2s,2s,2s',
      SMTP_URL: smtp.url,
      // All to one address.
      EMAIL_PER_HOUR: '100000',
      EMAIL_FROM: 'jobs@example.com',
      PUBLIC_URL: 'https://jobs.example.com',
      // It is told about outcomes here, not about a busy machine.
      ADMISSION_EVENT_LOOP_MS: '0',
      LEASE_SECONDS: '5',
    };
    stack = await startStack({ mode: 'distributed', workers: 2, env });
    other = await spawnApp('gateway', stack.env);
    connection = await connect(stack.amqpUrl);
    const channel = await connection.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, 'longhaul.events', '#');
    await channel.consume(
      queue,
      (message) => {
        const id = String(message?.properties.messageId);
        const job = id.slice(0, id.indexOf('.'));
        announced.set(job, (announced.get(job) ?? new Set()).add(id));
      },
      { noAck: true },
    );
  }, 4 * MINUTES);
  afterAll(async () => {
    await connection.close();
    await other.stop();
    await stack.stop();
    await Promise.all([receiver.close(), smtp.close()]);
  });

  async function killSomeWorkers(): Promise<void> {
    for (let kills = 0; kills < KILLS; kills++) {
      const part = (0.8 * JOBS * (kills + 1)) / KILLS;
      await waitFor('more to be done', () => receiver.received.length >= part, { timeoutMs: 2 * MINUTES });
      const victim = stack.workers.shift();
      victim?.kill('SIGKILL');
      await victim?.exited;
      stack.workers.push(await spawnApp('worker', stack.env));
    }
  }

  test(
    'every one has its stored result, the last event of its stream, its webhook, its e-mail and its message',
    async () => {
      const ids: string[] = [];
      const readers = new Map<string, SseReader>();
      const left = Array.from({ length: JOBS }, (_, n) => n).values();
      const submitting = Array.from({ length: LANES }, async () => {
        for (const n of left) {
          const options = { callbackUrl: `${receiver.url}/done`, notifyEmail: 'ada@example.org' };
          const fails = n % 10 === 0;
          const id = await stack.api.accepted(fails ? 'debug.fail' : 'debug.echo', fails ? { message: 'no', retryable: false } : { value: n }, options);
          ids.push(id);
          readers.set(id, await SseReader.open(`${other.url}/jobs/${id}/events`));
        }
      });
      await Promise.all([...submitting, killSomeWorkers()]);
      const found = () => {
        const mailed = new Map<string, Set<string>>();
        for (const { text = '', messageId = '' } of smtp.mails) {
          const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(text)?.[0] ?? '';
          mailed.set(id, (mailed.get(id) ?? new Set()).add(messageId));
        }
        const hooked = new Map<string, Set<string>>();
        for (const { id, body } of receiver.received) hooked.set(body.data.id, (hooked.get(body.data.id) ?? new Set()).add(id));
        return { mailed, hooked };
      };
      await waitFor(
        'every channel to have told of every job',
        () => {
          const { mailed, hooked } = found();
          const missing = (channel: string, told: (id: string) => boolean) => [channel, ids.filter((id) => !told(id)).length] as const;
          const open = [
            missing('message', (id) => announced.has(id)),
            missing('webhook', (id) => hooked.has(id)),
            missing('e-mail', (id) => mailed.has(id)),
            missing('stream', (id) => ['succeeded', 'failed'].includes(String(readers.get(id)?.events.at(-1)?.data['state']))),
          ].filter(([, count]) => count > 0);
          if (open.length > 0) throw new Error(`missing: ${JSON.stringify(open)}`);
          return true;
        },
        { timeoutMs: 4 * MINUTES },
      );
      const rows = await stack.query<{ id: string; state: string; events: number }>('SELECT id, state, events FROM jobs WHERE id = ANY ($1)', [ids]);
      expect(rows).toHaveLength(JOBS);
      const { mailed, hooked } = found();
      for (const { id, state, events } of rows) {
        const reader = readers.get(id);
        expect(reader?.events.map(({ data }) => data.seq)).toEqual(Array.from({ length: events }, (_, index) => index + 1));
        // One outcome, told by every channel under one id, however often it had to be sent.
        expect({ state: reader?.events.at(-1)?.data['state'], message: [...(announced.get(id) ?? [])] }).toEqual({ state, message: [`${id}.${state}.0`] });
        expect([hooked.get(id)?.size, mailed.get(id)?.size]).toEqual([1, 1]);
        expect(new Set(receiver.of(id).map(({ body }) => body.type))).toEqual(new Set([`job.${state}`]));
      }
      expect(rows.filter(({ state }) => state === 'failed')).toHaveLength(JOBS / 10);
    },
    10 * MINUTES,
  );
});
