import 'reflect-metadata';
import { type Handles, JobHandler, Jobs } from '@app/sdk';
import { Injectable, Logger, Module, type ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { IsString } from 'class-validator';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { describeWithBroker, freshDatabase, type FreshDatabase, freshVhost, type FreshVhost, waitFor } from '../../../test/support/index.js';
import { LonghaulModule } from './longhaul.module.js';
import type { LonghaulOptions } from './longhaul-options.js';

class InvoicePayload {
  @IsString() order!: string;
}

@Injectable()
class Ledger {
  readonly sent: string[] = [];
  /** Handlers wait for this promise where a test observes them while they run. */
  gate: Promise<void> = Promise.resolve();
}

@JobHandler({ kind: 'invoice.send', payload: InvoicePayload })
class SendInvoice implements Handles<InvoicePayload, { database: string }> {
  constructor(
    private readonly ledger: Ledger,
    private readonly dataSource: DataSource,
  ) {}

  async run({ order }: InvoicePayload) {
    await this.ledger.gate;
    this.ledger.sent.push(order);
    const [row] = await this.dataSource.query<{ name: string }[]>('SELECT current_database() AS name');
    return { database: row?.name ?? '' };
  }
}

@JobHandler({ kind: 'report.render', payload: InvoicePayload, isolated: true })
class RenderReport implements Handles<InvoicePayload, null> {
  run() {
    return Promise.resolve(null);
  }
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => silent };
/** The lines of the host's own log. */
const heard: unknown[] = [];
const hear = (message: unknown) => heard.push(message);
const settings = { DRAIN_SECONDS: '30', FILES_DIR: '.longhaul/test-files' };

/** Each application has its own database without Longhaul's tables. */
describe('LonghaulModule in an application of somebody else', () => {
  let longhaul: FreshDatabase;
  let own: FreshDatabase;
  let client: pg.Client;
  const open: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    longhaul = await freshDatabase();
    own = await freshDatabase();
    client = new pg.Client({ connectionString: longhaul.url });
    await client.connect();
  });
  afterEach(async () => {
    for (const app of open.splice(0)) await app.close();
  });
  afterAll(async () => {
    await client.end();
    await longhaul.drop();
    await own.drop();
  });

  async function host(options: Partial<LonghaulOptions>, feature: Partial<ModuleMetadata> = { providers: [Ledger] }, url = own.url) {
    const dataSource = await new DataSource({ type: 'postgres', url }).initialize();

    @Module({ providers: [{ provide: DataSource, useValue: dataSource }], exports: [DataSource] })
    class DatabaseModule {}

    @Module({ ...feature, imports: [DatabaseModule, LonghaulModule.forFeature([SendInvoice]), ...(feature.imports ?? [])] })
    class BillingModule {}

    const module = await Test.createTestingModule({
      imports: [
        LonghaulModule.forRootAsync({ useFactory: () => ({ database: { url: longhaul.url }, broker: 'none', settings, logger: silent, ...options }) }),
        BillingModule,
      ],
    })
      .setLogger({ log: hear, error: hear, warn: hear })
      .compile();
    open.push({
      close: async () => {
        await module.close();
        if (dataSource.isInitialized) await dataSource.destroy();
      },
    });
    await module.init();
    return { module, jobs: module.get(Jobs, { strict: false }), dataSource };
  }

  const stateOf = async (id: string) => (await client.query<{ state: string }>('SELECT state FROM longhaul.jobs WHERE id = $1', [id])).rows[0]?.state;
  const ended = (id: string) =>
    waitFor('the job to succeed', async () => {
      const { rows } = await client.query<{ state: string; result: object | null }>('SELECT state, result FROM longhaul.jobs WHERE id = $1', [id]);
      return rows[0]?.state === 'succeeded' ? rows[0].result : undefined;
    });

  test('a handler of a feature module gets the services of that module, and the DataSource that it injects is the host’s own', async () => {
    const { module, jobs } = await host({ run: true });
    const { id } = await jobs.submit(SendInvoice, { order: 'a' });
    expect(await ended(id)).toEqual({ database: new URL(own.url).pathname.slice(1) });
    expect(module.get(Ledger, { strict: false }).sent).toEqual(['a']);
  });

  test('a handler that its module provides by itself is that one, not a second', async () => {
    const { module, jobs } = await host({ run: true }, { providers: [Ledger, SendInvoice] });
    const { id } = await jobs.submit(SendInvoice, { order: 'b' });
    await ended(id);
    expect(module.get(SendInvoice, { strict: false })).toBeInstanceOf(SendInvoice);
  });

  test('a job that joins the host’s transaction exists if and when it commits, and exactly once', async () => {
    const { jobs, dataSource } = await host({ run: true }, undefined, longhaul.url);
    const taken: string[] = [];
    await expect(
      dataSource.transaction(async (transaction) => {
        taken.push((await jobs.submit(SendInvoice, { order: 'rolled back' }, { transaction })).id);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await dataSource.transaction(async (transaction) => {
      for (let times = 0; times < 2; times++) taken.push((await jobs.submit(SendInvoice, { order: 'kept' }, { transaction, idempotencyKey: 'kept' })).id);
    });
    const [rolledBack = '', kept = '', again] = taken;
    await ended(kept);
    expect([await stateOf(rolledBack), again === kept]).toEqual([undefined, true]);
  });

  test('the same holds on a connection of any library that runs a statement and gives its rows', async () => {
    const { jobs } = await host({});
    const on = { query: async (text: string, values: unknown[]) => (await client.query(text, values)).rows as unknown };
    await client.query('BEGIN');
    const { id: gone } = await jobs.submit(SendInvoice, { order: 'c' }, { on });
    await client.query('ROLLBACK');
    await client.query('BEGIN');
    const { id } = await jobs.submit(SendInvoice, { order: 'd' }, { on: client, idempotencyKey: 'on' });
    await client.query('COMMIT');
    const { id: replayed } = await jobs.submit(SendInvoice, { order: 'd' }, { on, idempotencyKey: 'on' });
    expect([await stateOf(gone), await stateOf(id), replayed]).toEqual([undefined, 'queued', id]);
  });

  test('what only submits runs nothing, and its job is run by a process that runs jobs', async () => {
    const { module, jobs } = await host({});
    const { id } = await jobs.submit(SendInvoice, { order: 'e' });
    expect(await stateOf(id)).toBe('queued');
    const { module: other } = await host({ run: { concurrency: 2 } });
    await ended(id);
    expect([module, other].map((each) => each.get(Ledger, { strict: false }).sent.includes('e'))).toEqual([false, true]);
  });

  test('the host’s own log goes on as the host has set it', async () => {
    heard.length = 0;
    await host({ run: true });
    new Logger('host').log('still heard');
    expect(heard).toContain('still heard');
  });

  test('closing the application lets what runs end', async () => {
    const { module, jobs } = await host({ run: true });
    const ledger = module.get(Ledger, { strict: false });
    let go!: () => void;
    ledger.gate = new Promise((resolve) => (go = resolve));
    const { id } = await jobs.submit(SendInvoice, { order: 'f' });
    await waitFor('the job to run', async () => ((await stateOf(id)) === 'running' ? true : undefined));
    const closed = module.close();
    go();
    await closed;
    expect(await stateOf(id)).toBe('succeeded');
  });

  test('what a handler takes and nobody provides is told with the handler, the module and the fix', async () => {
    await expect(host({ run: true }, { providers: [] })).rejects.toThrow(
      /expected all that SendInvoice takes to be provided in BillingModule: .*Ledger.*; add it to that module's providers or imports/s,
    );
  });

  test('an isolated kind is refused where no child processes are started', async () => {
    await expect(host({ run: true, jobs: [RenderReport] })).rejects.toThrow(/expected no isolated kind .*, got report\.render; run it by npx longhaul worker/);
  });

  test('a wrong option stops the start with one line', async () => {
    await expect(host({ run: { concurrency: -1 } })).rejects.toThrow('expected WORKER_CONCURRENCY to be a whole number from 1 to 10000, got: "-1"');
  });

  describeWithBroker('with RabbitMQ', () => {
    let vhost: FreshVhost;
    beforeAll(async () => {
      vhost = await freshVhost();
    });
    afterAll(() => vhost.drop());

    test('jobs are taken from the queues as a worker takes them', async () => {
      const { jobs } = await host({ run: true, broker: { url: vhost.url } });
      const ids = await Promise.all(Array.from({ length: 20 }, async (_, index) => (await jobs.submit(SendInvoice, { order: `r${index}` })).id));
      for (const id of ids) await ended(id);
    });
  });
});
