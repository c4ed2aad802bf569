import type { JobId } from '../job/job.js';
import type { EventMessage, JobMessage } from './outbox.js';
import { ManualClock, MemoryOutbox, MemoryPublisher, RecordingLogger, turns } from '../testing/index.js';
import { OutboxRelay } from './relay-outbox.js';

function message(outboxId: string): JobMessage {
  return { type: 'job', outboxId, jobIds: [outboxId as JobId], kind: 'test.job', queue: 'default', priority: 4, traceparent: null };
}

function outcome(outboxId: string): EventMessage {
  const about = { jobId: `job of ${outboxId}` as JobId, messageId: `message of ${outboxId}`, routingKey: 'test.job.succeeded' };
  return { type: 'event', outboxId, ...about, tenant: 'default', body: '{}', notify: [] };
}

function relaying(config = {}) {
  const outbox = new MemoryOutbox();
  const publisher = new MemoryPublisher();
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const relay = new OutboxRelay({ outbox, publisher, clock, logger, config: { sweepMs: 1_000, batch: 2, hideSeconds: 30, maxInFlight: 2, ...config } });
  return { outbox, publisher, clock, logger, relay };
}

/** Longer than rows wait to be deleted together. */
const GATHERED_MS = 50;

/** Closes a relay whose clock stands still. */
async function closed({ relay, clock }: Pick<ReturnType<typeof relaying>, 'relay' | 'clock'>): Promise<void> {
  const closing = relay.close(1_000);
  await clock.advance(1_000);
  await closing;
}

describe('the sweep', () => {
  test('publishes what is due, and removes what the broker has confirmed', async () => {
    const all = relaying();
    all.outbox.add(message('1'), message('2'), message('3'));
    all.relay.start();
    await turns(12);
    await all.clock.advance(GATHERED_MS);
    await all.clock.advance(GATHERED_MS);
    expect(all.publisher.published.map(({ outboxId }) => outboxId)).toEqual(['1', '2', '3']);
    expect(all.outbox.rows.size).toBe(0);
    await closed(all);
  });

  test('keeps the row of a message that was not confirmed, and publishes it again later', async () => {
    const all = relaying();
    all.outbox.add(message('1'), message('2'));
    all.publisher.faults.plan('publish', new Error('unroutable'));
    all.relay.start();
    await all.clock.advance(GATHERED_MS);
    expect([...all.outbox.rows.keys()]).toEqual(['1']);
    expect(all.logger.entries).toMatchObject([{ level: 'warn', fields: { jobIds: ['1'] } }]);
    all.outbox.reveal();
    await all.clock.advance(1_000);
    await all.clock.advance(GATHERED_MS);
    expect(all.outbox.rows.size).toBe(0);
    await closed(all);
  });

  test('tells outcomes together, and keeps the row of one that was not confirmed', async () => {
    const all = relaying({ batch: 10 });
    all.outbox.add(outcome('e1'), outcome('e2'), outcome('e3'));
    all.publisher.faults.plan('publish', new Error('refused'));
    all.relay.start();
    await all.clock.advance(GATHERED_MS);
    expect(all.publisher.published.map(({ outboxId }) => outboxId)).toEqual(['e2', 'e3']);
    expect(all.publisher.together).toEqual([3]);
    expect([...all.outbox.rows.keys()]).toEqual(['e1']);
    expect(all.logger.entries).toMatchObject([{ level: 'warn', fields: { jobIds: ['job of e1'], type: 'event' } }]);
    all.outbox.reveal();
    await all.clock.advance(1_000);
    await all.clock.advance(GATHERED_MS);
    expect(all.outbox.rows.size).toBe(0);
    await closed(all);
  });

  test('keeps a row of several outcomes until all of them are told', async () => {
    const all = relaying({ batch: 10 });
    const shared = ['a', 'b'].map((job): EventMessage => ({ ...outcome('e1'), jobId: job as JobId }));
    all.outbox.add(...shared, outcome('e2'));
    all.outbox.take = async () => (all.outbox.rows.has('e2') ? [...shared, outcome('e2')] : all.outbox.rows.has('e1') ? shared : []);
    all.publisher.faults.plan('publish', new Error('refused'));
    all.relay.start();
    await all.clock.advance(GATHERED_MS);
    expect([...all.outbox.rows.keys()]).toEqual(['e1']);
    await all.clock.advance(1_000);
    await all.clock.advance(GATHERED_MS);
    expect(all.publisher.published.map((event) => event.type === 'event' && event.jobId)).toEqual(['b', 'job of e2', 'a', 'b']);
    expect([...all.outbox.rows.keys()]).toEqual([]);
    await closed(all);
  });

  test('takes nothing while the broker is away or blocks', async () => {
    const all = relaying();
    all.outbox.add(message('1'));
    all.publisher.ready = false;
    all.relay.start();
    await all.clock.advance(5_000);
    expect(all.outbox.takes).toBe(0);
    all.publisher.ready = true;
    await all.clock.advance(1_000);
    await all.clock.advance(GATHERED_MS);
    expect(all.outbox.rows.size).toBe(0);
    await closed(all);
  });

  test('looks again when the next message is due, and not before', async () => {
    const all = relaying();
    all.outbox.due = 300;
    all.relay.start();
    await all.clock.advance(299);
    expect(all.outbox.takes).toBe(1);
    await all.clock.advance(1);
    expect(all.outbox.takes).toBe(2);
    await closed(all);
  });

  test('looks at once when it is nudged, also while it is at work', async () => {
    const all = relaying();
    all.relay.start();
    await turns();
    all.relay.nudge();
    await turns();
    expect(all.outbox.takes).toBe(2);
    await closed(all);
  });

  test('goes on after the database failed', async () => {
    const all = relaying();
    all.outbox.faults.plan('take');
    all.outbox.add(message('1'));
    all.relay.start();
    await turns();
    expect(all.outbox.rows.size).toBe(1);
    await all.clock.advance(1_000);
    await all.clock.advance(GATHERED_MS);
    expect(all.outbox.rows.size).toBe(0);
    await closed(all);
  });

  test('whose delete failed keeps the row: it is published twice rather than never', async () => {
    const all = relaying();
    all.outbox.faults.plan('remove');
    all.outbox.add(message('1'));
    all.relay.start();
    await all.clock.advance(GATHERED_MS);
    expect(all.outbox.rows.size).toBe(1);
    await closed(all);
  });
});

describe('the fast path', () => {
  test('publishes a committed job at once, and removes its row a little later, with those of others', async () => {
    const { outbox, publisher, clock, relay } = relaying();
    outbox.add(message('1'), message('2'));
    relay.publishNow(message('1'));
    relay.publishNow(message('2'));
    expect(publisher.published).toEqual([message('1'), message('2')]);
    await turns();
    expect(outbox.rows.size).toBe(2);
    await clock.advance(GATHERED_MS);
    expect(outbox.rows.size).toBe(0);
    expect(outbox.removals).toBe(1);
  });

  test('leaves the row to the sweep when the broker is not ready or too many are on their way', async () => {
    const { publisher, clock, relay } = relaying();
    publisher.ready = false;
    relay.publishNow(message('1'));
    publisher.ready = true;
    publisher.hold();
    for (const id of ['2', '3', '4']) relay.publishNow(message(id));
    expect(publisher.published.map(({ outboxId }) => outboxId)).toEqual(['2', '3']);
    publisher.confirmAll();
    await clock.advance(GATHERED_MS);
    relay.publishNow(message('5'));
    expect(publisher.published).toHaveLength(3);
  });
});

describe('close', () => {
  test('waits for confirms that are on their way', async () => {
    const { outbox, publisher, clock, relay } = relaying();
    outbox.add(message('1'));
    publisher.hold();
    relay.publishNow(message('1'));
    let isClosed = false;
    const closing = relay.close(1_000).then(() => (isClosed = true));
    await clock.advance(500);
    expect(isClosed).toBe(false);
    publisher.confirmAll();
    await turns();
    await clock.advance(GATHERED_MS);
    await closing;
    expect(outbox.rows.size).toBe(0);
  });

  test('waits no longer than it was given', async () => {
    const all = relaying();
    all.publisher.hold();
    all.relay.publishNow(message('1'));
    await closed(all);
    expect(all.publisher.published).toHaveLength(1);
  });
});
