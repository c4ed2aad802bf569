import type { EventPage, EventReader, JobId } from '@app/core';
import { RecordingLogger } from '@app/core/testing';
import { EventFeed, type FeedSink } from './event-feed.js';

const jobId = '01890000-0000-7000-8000-000000000000' as JobId;

function reader() {
  const got: number[] = [];
  let first: () => void = () => undefined;
  const given = new Promise<void>((resolve) => (first = resolve));
  const sink: FeedSink = {
    filter: {},
    give: (events) => {
      got.push(...events.map(({ seq }) => seq));
      first();
    },
  };
  return { sink, got, given };
}

describe('a reader of the feed', () => {
  test('that goes away while the store is asked for what it missed is not taken on after all', async () => {
    let answer: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    const began = new Date();
    const page: EventPage = {
      jobId,
      kind: 'k',
      tags: [],
      tenant: 'default',
      state: 'running',
      first: 1,
      last: 1,
      events: [{ jobId, seq: 1, at: began, type: 'state', state: 'running', attempt: 1 }],
    };
    const store: EventReader = {
      read: async () => [page],
      recent: async () => {
        await asked;
        return { jobIds: [], now: began };
      },
    };
    const feed = new EventFeed({ events: store }, new RecordingLogger());
    const [gone, stays] = [reader(), reader()];
    const adding = feed.add(gone.sink, 0);
    feed.remove(gone.sink);
    answer();
    await adding;
    await feed.add(stays.sink, 0);
    feed.wake([jobId]);
    await stays.given;
    expect([gone.got, stays.got]).toEqual([[], [1]]);
    feed.remove(stays.sink);
    feed.close();
  });
});
