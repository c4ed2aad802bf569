import type { Delivery } from './delivery.js';
import { FakeWakeUp, ManualClock, RecordingLogger, turns } from '../testing/index.js';
import { sharesOf } from './shares.js';

function parts(...ids: string[]) {
  const message = new FakeWakeUp(ids);
  const buried: string[] = [];
  const fault = { error: undefined as Error | undefined };
  const clock = new ManualClock();
  const publish = async ({ jobId }: Delivery) => {
    if (fault.error) throw fault.error;
    buried.push(jobId);
  };
  const shares = sharesOf(message, { publish, clock, logger: new RecordingLogger() });
  return { message, shares, buried, fault, clock };
}

describe('the parts of a message', () => {
  test('are its jobs, each open until it is disposed of, under the one publish id', () => {
    const { message, shares } = parts('a', 'b');
    expect(shares.map(({ jobId, publishId, kind, queue, open }) => [jobId, publishId, kind, queue, open])).toEqual([
      ['a', message.publishId, 'test.job', 'default', true],
      ['b', message.publishId, 'test.job', 'default', true],
    ]);
    shares[0]?.accept();
    expect(shares.map(({ open }) => open)).toEqual([false, true]);
  });

  test('are accepted together, when the last of them is', () => {
    const { message, shares } = parts('a', 'b', 'c');
    shares[1]?.accept();
    shares[0]?.accept();
    // A second disposition of the same part counts for nothing.
    shares[0]?.accept();
    shares[0]?.release();
    expect(message.disposition).toBeUndefined();
    shares[2]?.accept();
    expect(message.disposition).toBe('accepted');
  });

  test('come again whole if one of them is released, and only when all others have ended', () => {
    const { message, shares } = parts('a', 'b');
    shares[0]?.release();
    expect(message.disposition).toBeUndefined();
    shares[1]?.accept();
    expect(message.disposition).toBe('released');
  });

  test('of a failed job are published to the dead letters, and count as done with the confirm: no other job goes with them', async () => {
    const { message, shares, buried, fault, clock } = parts('a', 'b');
    fault.error = new Error('not confirmed');
    shares[1]?.accept();
    shares[0]?.reject();
    await turns();
    expect(message.disposition).toBeUndefined();
    fault.error = undefined;
    await clock.advance(100);
    expect(buried).toEqual(['a']);
    expect(message.disposition).toBe('accepted');
  });

  test('are no longer published once the channel is lost: the message comes again, and its failed job with it', async () => {
    const { message, shares, buried, fault, clock } = parts('a', 'b');
    fault.error = new Error('not confirmed');
    shares[0]?.reject();
    await turns();
    message.lose();
    fault.error = undefined;
    await clock.advance(10_000);
    expect(buried).toEqual([]);
  });

  test('of a message of one job are rejected with it', () => {
    const { message, shares, buried } = parts('a');
    shares[0]?.reject();
    expect([message.disposition, buried]).toEqual(['rejected', []]);
  });
});
