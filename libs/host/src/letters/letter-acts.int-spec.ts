import { jobQueueName } from '@app/contracts';
import { actOnLetters, type LettersFilter, type LettersRequest, type LettersResult, OutboxRelay, systemClock, uuidv7 } from '@app/core';
import { RecordingLogger } from '@app/core/testing';
import { ConfirmPublisher, RabbitConnection } from '@app/rabbitmq';
import { HandlerRegistry, JobHandler } from '@app/sdk';
import { type ChannelModel, connect } from 'amqplib';
import { IsInt } from 'class-validator';
import pg from 'pg';
import { describeWithBroker, FINDS_TABLES, freshDatabase, type FreshDatabase, freshVhost, type FreshVhost, waitFor } from '../../../../test/support/index.js';
import { runtimeConfig } from '../config.js';
import { Environment } from '../environment.js';
import { submitWithin } from '../jobs-within.js';
import { Store } from '../store.js';
import { relayParts } from '../worker/publishing-parts.js';
import { LetterActs } from './letter-acts.js';
import { RedriveLetter } from './redrive-letter.js';

class CountPayload {
  @IsInt() value!: number;
}

@JobHandler({ kind: 'letters.count', payload: CountPayload })
class CountJob {
  run({ value }: CountPayload): Promise<number> {
    return Promise.resolve(value);
  }
}

/** What a handler has, of an attempt that is the only one. */
function context(): Parameters<typeof actOnLetters>[2] {
  return { signal: new AbortController().signal, step: (_, work) => work(), progress: () => undefined };
}

/** A process that acts on letters, and that publishes what it puts back. */
interface Acting {
  store: Store;
  act(request: Omit<LettersRequest, 'note' | 'filter'> & { filter?: Partial<LettersFilter> }): Promise<LettersResult>;
  close(): Promise<void>;
}

describeWithBroker('acts on many dead letters, of two processes', () => {
  const logger = new RecordingLogger();
  let database: FreshDatabase;
  let vhost: FreshVhost;
  let client: ChannelModel;
  let pool: pg.Pool;
  let one: Acting;
  let other: Acting;
  /** Jobs in the order in which RabbitMQ has brought their wake-ups. */
  const woken: string[] = [];

  async function acting(): Promise<Acting> {
    const config = runtimeConfig(new Environment({ DATABASE_URL: database.url, AMQP_URL: vhost.url }));
    const store = await Store.open(config, 'longhaul test', logger);
    const connection = new RabbitConnection({ url: vhost.url, name: 'test', role: 'publish', logger });
    const publisher = new ConfirmPublisher(connection, logger);
    // Without the shares of queues: what is due goes out, and nothing waits in the waiting room.
    const { outbox, clock, config: pace } = relayParts({ store, logger }, publisher);
    const relay = new OutboxRelay({ outbox, publisher, clock, logger, config: pace });
    const kinds = new HandlerRegistry([CountJob]);
    const submitJob = submitWithin({ store, kinds, channels: {} });
    const acts = new LetterActs(store, new RedriveLetter({ store, kinds, submitJob, config }));
    connection.start();
    await waitFor('the connection to be up', () => connection.up);
    relay.start();
    return {
      store,
      act: ({ filter, ...request }) =>
        actOnLetters(
          { store: acts, clock: systemClock },
          { ...request, note: { by: 'ann' }, filter: { before: new Date(Date.now() + 60_000), ...filter } },
          context(),
        ),
      close: async () => {
        await relay.close(2_000);
        await publisher.close();
        await connection.close();
        await store.close();
      },
    };
  }

  beforeAll(async () => {
    [database, vhost] = await Promise.all([freshDatabase(), freshVhost()]);
    pool = new pg.Pool({ connectionString: database.url, options: FINDS_TABLES, max: 2 });
    pool.on('error', () => undefined);
    [one, other] = await Promise.all([acting(), acting()]);
    await one.store.queues.ensure(['default']);
    client = await connect(vhost.url);
    client.on('error', () => undefined);
  });
  afterAll(async () => {
    await client.close();
    await Promise.all([one.close(), other.close()]);
    await pool.end();
    await database.drop();
    await vhost.drop();
  });

  beforeEach(async () => {
    await pool.query('TRUNCATE jobs, dead_letters, outbox, waiting_room, idempotency_keys CASCADE');
    woken.length = 0;
  });

  const rows = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> => (await pool.query<Row>(text, values)).rows;

  /** Failed jobs with their letters, of one cause. */
  async function failed(count: number, group: string): Promise<string[]> {
    const ids = Array.from({ length: count }, () => uuidv7());
    await pool.query(
      `WITH made AS (
         INSERT INTO jobs (id, kind, queue, state, payload, queued_at, finished_at, events, priority, max_attempts, attempt, errors)
         SELECT id, 'letters.count', 'default', 'failed', '{"value":1}', now(), now(), 3, 4, 3, 3, '[{"code":"handler_error","message":"no","attempt":3}]'
         FROM unnest($1::uuid[]) AS i (id) RETURNING id, kind, queue
       ) INSERT INTO dead_letters (identity, source, reason, detail, job_id, kind, queue, fingerprint)
         SELECT 'job:' || id || ':0', 'job', 'handler_error', 'no', id, kind, queue, $2 FROM made`,
      [ids, group],
    );
    return ids;
  }

  /** Letters of messages of a kind. */
  async function refused(count: number, kind: string, value: unknown = 1): Promise<void> {
    for (let number = 0; number < count; number++)
      await one.store.deadLetters.record({
        ...{ reason: 'unknown_kind', detail: `no kind ${kind}`, jobId: null, kind, queue: 'longhaul.submit', messageId: `${kind} ${String(number)}` },
        ...{ contentType: 'application/json', headers: {}, body: Buffer.from(JSON.stringify({ value })) },
      });
  }

  /** Which of these jobs were woken up through RabbitMQ, as often as they were, when there are as many. */
  async function wokenUp(ids: readonly string[]): Promise<string[]> {
    const mine = () => woken.filter((id) => ids.includes(id));
    // Only then is there a queue for certain: RabbitMQ ends the connection of whoever asks while it makes one.
    await waitFor('RabbitMQ to have confirmed all messages', async () => (await rows('SELECT FROM outbox')).length === 0);
    await waitFor(`${String(ids.length)} jobs to be woken up`, async () => {
      const channel = await client.createChannel();
      const next = () => channel.get(jobQueueName('default'), { noAck: true });
      for (let message = await next(); message; message = await next()) woken.push(...(JSON.parse(message.content.toString()) as string[]));
      await channel.close();
      return mine().length >= ids.length;
    });
    return mine().toSorted();
  }

  const open = async () => (await rows<{ id: string }>('SELECT id FROM dead_letters WHERE redriven_at IS NULL AND discarded_at IS NULL')).length;

  test('put back the jobs of one cause, which a count beforehand has told, and wake each up through RabbitMQ', async () => {
    const [mine, others] = [await failed(5, 'one cause'), await failed(2, 'another')];
    expect(await one.store.deadLetters.count({ group: 'one cause' })).toBe(5);
    expect(await one.act({ act: 'redrive', filter: { group: 'one cause' } })).toEqual({
      matched: 5,
      changed: 5,
      refused: { letters: 0, reasons: [], others: 0 },
    });
    expect(await rows('SELECT id FROM jobs WHERE state = $1 ORDER BY id', ['queued'])).toEqual(mine.toSorted().map((id) => ({ id })));
    expect(await rows('SELECT DISTINCT state FROM jobs WHERE id = ANY ($1::uuid[])', [others])).toEqual([{ state: 'failed' }]);
    expect(await wokenUp(mine)).toEqual(mine.toSorted());
    expect(await one.store.deadLetters.count({ group: 'one cause' })).toBe(0);
    expect(await one.act({ act: 'redrive', filter: { group: 'one cause' } })).toMatchObject({ matched: 0, changed: 0 });
  });

  test('make jobs of the messages that fit a filter, and say of each that stays why', async () => {
    await refused(3, 'letters.count');
    await refused(2, 'letters.gone');
    await failed(1, 'a job');
    const result = await one.act({ act: 'redrive', filter: { source: 'message' } });
    expect(result).toMatchObject({ matched: 5, changed: 3, refused: { letters: 2, others: 0 } });
    expect(result.refused.reasons).toMatchObject([{ letters: 2, detail: expect.stringContaining('letters.gone') as string }]);
    expect(await rows(`SELECT kind, payload, state FROM jobs WHERE state = 'queued'`)).toEqual(
      Array(3).fill({ kind: 'letters.count', payload: { value: 1 }, state: 'queued' }),
    );
    const sample = await one.store.deadLetters.find(result.refused.reasons[0]?.sampleId ?? '');
    expect(sample).toMatchObject({ kind: 'letters.gone', redrivenAt: null });
    expect(await one.act({ act: 'discard', filter: { kind: 'letters.gone' } })).toMatchObject({ matched: 2, changed: 2 });
    expect(await rows('SELECT discard FROM dead_letters WHERE discarded_at IS NOT NULL')).toEqual(Array(2).fill({ discard: { by: 'ann' } }));
    expect(await open()).toBe(1);
  });

  test('with a rate go no faster', async () => {
    await failed(9, 'slowly');
    expect(await one.act({ act: 'redrive', filter: { group: 'slowly' }, rate: 4 })).toMatchObject({ changed: 9 });
    const [took] = await rows<{ seconds: number }>('SELECT extract(epoch FROM max(redriven_at) - min(redriven_at))::float8 AS seconds FROM dead_letters');
    // Two pages of four, a second each, before the last letter.
    expect(took?.seconds).toBeGreaterThan(1.9);
  });

  test('at once put each job back once, wake it up once, and count it in one of the two', async () => {
    const ids = await failed(450, 'both');
    const results = await Promise.all([one, other, one].map((each) => each.act({ act: 'redrive', filter: { group: 'both' } })));
    expect(results.reduce((sum, { changed, refused: { letters } }) => sum + changed + letters, 0)).toBe(450);
    expect(await rows('SELECT state, redrives, count(*)::integer AS jobs FROM jobs GROUP BY state, redrives')).toEqual([
      { state: 'queued', redrives: 1, jobs: 450 },
    ]);
    expect(await wokenUp(ids)).toEqual(ids.toSorted());
    expect(await open()).toBe(0);
  });

  test('at once make one job of each message', async () => {
    await refused(40, 'letters.count');
    const results = await Promise.all([one, other].map((each) => each.act({ act: 'redrive', filter: { source: 'message' } })));
    for (const { refused: stay } of results) expect(stay.letters).toBe(0);
    expect(await rows('SELECT count(*)::integer AS jobs FROM jobs')).toEqual([{ jobs: 40 }]);
    expect(await rows('SELECT count(DISTINCT redriven_job_id)::integer AS jobs FROM dead_letters')).toEqual([{ jobs: 40 }]);
    expect(await open()).toBe(0);
  });

  test('of which one puts back and the other puts away leave no letter open, and start no job whose letter is only put away', async () => {
    await failed(300, 'race');
    const [back, away] = await Promise.all([one.act({ act: 'redrive', filter: { group: 'race' } }), other.act({ act: 'discard', filter: { group: 'race' } })]);
    expect(await open()).toBe(0);
    const [counts] = await rows<{ queued: number; marked: number; odd: number }>(
      `SELECT count(*) FILTER (WHERE j.state = 'queued')::integer AS queued, count(*) FILTER (WHERE d.redriven_at IS NOT NULL)::integer AS marked,
              count(*) FILTER (WHERE (j.state = 'queued') <> (d.redriven_at IS NOT NULL) OR j.redrives > 1)::integer AS odd
       FROM jobs j JOIN dead_letters d ON d.job_id = j.id`,
    );
    expect(counts).toEqual({ queued: back.changed, marked: back.changed, odd: 0 });
    expect(back.changed + away.changed).toBeGreaterThanOrEqual(300);
  });
});
