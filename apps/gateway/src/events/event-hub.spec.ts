import type { EventPage, EventReader, Job, JobId, JobState, StoredEvent } from '@app/core';
import { RecordingLogger, sampleJob } from '@app/core/testing';
import { EventHub, type JobSink, NEEDS_SNAPSHOT } from './event-hub.js';
import type { OutEvent } from './out-event.js';

const jobId = '01890000-0000-7000-8000-000000000000' as JobId;

/** A hub over a store of one job. */
function watching() {
  const state = { state: 'running' as JobState, events: [] as StoredEvent[], down: 0, reads: 0 };
  const reader: EventReader = {
    read: async ([asked], limit): Promise<EventPage[]> => {
      state.reads++;
      if (state.down-- > 0) throw new Error('connection lost');
      const newer = state.events.filter(({ seq }) => seq > (asked?.after ?? 0)).slice(0, Math.min(limit, 3));
      const last = state.events.at(-1)?.seq ?? 0;
      return newer.length === 0 ? [] : [{ jobId, kind: 'k', tags: [], tenant: 'default', state: state.state, first: 1, last, events: newer }];
    },
    recent: async () => ({ jobIds: [], now: new Date() }),
  };
  const jobs = {
    view: async (): Promise<Job | null> => sampleJob({ id: jobId, state: state.state, events: state.events.at(-1)?.seq ?? 0 }),
    ended: async () => [],
  };
  const hub = new EventHub({ events: reader, jobs }, new RecordingLogger());
  const happen = (count: number, next: JobState = 'running') => {
    for (let n = 0; n < count; n++)
      state.events.push({ jobId, seq: (state.events.at(-1)?.seq ?? 0) + 1, at: new Date(), type: 'state', state: next, attempt: 1 });
    state.state = next;
    hub.wake([jobId]);
  };
  return { hub, state, happen };
}

function reader(hub: EventHub, after = 0) {
  const got: string[] = [];
  let wake: () => void = () => undefined;
  const sink: JobSink & { open: boolean } = {
    jobId,
    after,
    open: true,
    ready: () => sink.open,
    give: (events: OutEvent[]) => {
      got.push(...events.map(({ seq, name }) => (name === 'reset' ? `reset ${seq}` : String(seq))));
      wake();
    },
    end: () => {
      got.push('end');
      wake();
    },
  };
  hub.add(sink);
  const until = async (last: string) => {
    while (got.at(-1) !== last) await new Promise<void>((resolve) => (wake = resolve));
    return got;
  };
  return { sink, got, until };
}

describe('readers of a job', () => {
  test('each get all events from where they are, in order, once, and then the end', async () => {
    const { hub, happen } = watching();
    happen(5);
    const [early, late] = [reader(hub), reader(hub, 4)];
    await early.until('5');
    happen(3);
    happen(1, 'succeeded');
    expect(await early.until('end')).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', 'end']);
    expect(await late.until('end')).toEqual(['5', '6', '7', '8', '9', 'end']);
    expect(hub.size).toBe(0);
  });

  test('that do not take what they are given are not read for, and go on where they were', async () => {
    const { hub, happen, state } = watching();
    const slow = reader(hub);
    happen(2);
    await slow.until('2');
    slow.sink.open = false;
    const before = state.reads;
    happen(4);
    const other = reader(hub);
    await other.until('6');
    expect(slow.got).toEqual(['1', '2']);
    expect(state.reads).toBeGreaterThan(before);
    slow.sink.open = true;
    hub.resume(slow.sink);
    expect(await slow.until('6')).toEqual(['1', '2', '3', '4', '5', '6']);
    hub.remove(slow.sink);
    hub.remove(other.sink);
  });

  test('are given a snapshot where events are missing, and what ended the job after it', async () => {
    const { hub, happen, state } = watching();
    happen(6);
    state.events.splice(0, 2);
    happen(1, 'failed');
    const [beginner, stranger] = [reader(hub), reader(hub, NEEDS_SNAPSHOT)];
    expect(await beginner.until('end')).toEqual(['reset 6', '7', 'end']);
    expect(await stranger.until('end')).toEqual(['reset 6', '7', 'end']);
  });

  test('are served again when the store was away', async () => {
    const { hub, happen, state } = watching();
    state.down = 1;
    const one = reader(hub);
    happen(1, 'cancelled');
    expect(await one.until('end')).toEqual(['1', 'end']);
  });
});
