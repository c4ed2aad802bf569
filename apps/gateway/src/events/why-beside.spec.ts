import type { JobId, WhyJob } from '@app/core';
import { ManualClock, RecordingLogger, turns } from '@app/core/testing';
import { SharedLooks } from './shared-looks.js';
import type { SentEvent, SseStream } from './sse-stream.js';
import { WhyBeside } from './why-beside.js';

const ID = '01890000-0000-7000-8000-000000000001' as JobId;

function following() {
  const clock = new ManualClock();
  const looks = new SharedLooks(new RecordingLogger(), clock);
  let made = 0;
  let state = 'queued';
  const why = async () => {
    made++;
    return { id: ID, state, reasons: [], start: null, confidence: null };
  };
  const sent: { told: unknown; id: string | null }[] = [];
  const stream = {
    ready: true,
    send: (events: SentEvent[], idOf: (event: SentEvent) => string | null) =>
      sent.push(...events.map((event) => ({ told: (JSON.parse(event.json(false)) as { state: string }).state, id: idOf(event) }))),
  };
  const followed = new WhyBeside({ why } as unknown as WhyJob, looks).follow(ID, null, stream as unknown as SseStream);
  return { clock, looks, followed, sent, made: () => made, become: (next: string) => (state = next) };
}

describe('why a job waits, beside its events', () => {
  test('is told without an id, at once and when another job has changed', async () => {
    const { looks, followed, sent, clock, become } = following();
    followed.state('queued');
    await turns();
    expect(sent).toEqual([{ told: 'queued', id: null }]);
    await clock.advance(300);
    become('scheduled');
    looks.wake(['another job'] as unknown as JobId[]);
    await turns();
    expect(sent.at(-1)).toEqual({ told: 'scheduled', id: null });
  });

  test('is not looked at while the job runs, again when it waits once more, and never after its reader has gone', async () => {
    const { looks, followed, clock, made } = following();
    followed.state('scheduled');
    followed.state('queued');
    await turns();
    expect([made(), looks.size]).toEqual([1, 1]);
    followed.state('running');
    await clock.advance(10_000);
    expect([made(), looks.size, clock.sleeping]).toEqual([1, 0, 0]);
    followed.state('scheduled');
    await turns();
    expect(made()).toBe(2);
    followed.left();
    await clock.advance(10_000);
    expect([made(), looks.size]).toEqual([2, 0]);
  });
});
