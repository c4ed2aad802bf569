import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import type { EventReader, Job, JobId, StoredEvent } from '@app/core';
import { RecordingLogger, sampleJob } from '@app/core/testing';
import type { Principals, Store } from '@app/host';
import type { WebSocket } from 'ws';
import { EventHub } from './event-hub.js';
import { EventsGateway } from './events.gateway.js';
import { Interest } from './interest.js';
import { OpenStreams } from './open-streams.js';

const jobId = '01890000-0000-7000-8000-000000000000' as JobId;
const CONFIG = {
  events: { maxStreams: 1, heartbeatMs: 60_000, stallMs: 60_000, maxSubscriptions: 1, framesPerSecond: 100 },
  bounds: { streamsOfClient: 0 },
};

/** A connection to a gateway that looks jobs up when the test says so. */
function connection() {
  const told: string[] = [];
  let ended: () => void = () => undefined;
  const end = new Promise<void>((resolve) => (ended = resolve));
  const send = (text: string) => {
    const { event, data } = JSON.parse(text) as { event: string; data: { seq?: number } };
    told.push(data.seq === undefined ? event : String(data.seq));
    if (event === 'end') ended();
  };
  const socket = { on: () => undefined, send, bufferedAmount: 0 } as unknown as WebSocket;

  const lookups: { answer: (job: Job) => void; fail: (error: Error) => void }[] = [];
  const find = () => new Promise<Job>((answer, fail) => lookups.push({ answer, fail }));
  const events: StoredEvent[] = [
    { jobId, seq: 1, at: new Date(), type: 'state', state: 'running', attempt: 1 },
    { jobId, seq: 2, at: new Date(), type: 'state', state: 'succeeded', attempt: 1 },
  ];
  const store: EventReader = {
    read: async () => [{ jobId, kind: 'k', tags: [], tenant: 'default', state: 'succeeded', first: 1, last: 2, events }],
    recent: async () => ({ jobIds: [], now: new Date() }),
  };
  const hub = new EventHub({ events: store, jobs: { view: find, ended: async () => [] } }, new RecordingLogger());
  const streams = new OpenStreams(CONFIG, new Interest(), { listen: () => undefined } as unknown as Principals);
  const gateway = new EventsGateway(
    CONFIG,
    new RecordingLogger(),
    { jobs: { view: find }, reservations: { take: () => undefined } } as unknown as Store,
    streams,
    hub,
  );
  gateway.handleConnection(socket, { socket: {} } as IncomingMessage);
  const lookup = (nth: number) => lookups[nth] ?? { answer: fail, fail };
  return { socket, gateway, hub, told, end, lookup, subscribe: () => gateway.subscribe(socket, { job: jobId }) };
}

function fail(): never {
  throw new Error('nobody asked for the job');
}

describe('a job that is subscribed to, unsubscribed and subscribed to again in one go', () => {
  test('is watched once: each event comes once, and nothing stays when the connection is gone', async () => {
    const { socket, gateway, hub, told, end, lookup, subscribe } = connection();
    const first = subscribe();
    gateway.unsubscribe(socket, { job: jobId });
    const second = subscribe();
    lookup(0).answer(sampleJob({ id: jobId, state: 'running', events: 1 }));
    await first;
    lookup(1).answer(sampleJob({ id: jobId, state: 'running', events: 1 }));
    await second;
    await end;
    expect(told.filter((what) => what !== 'subscribed' && what !== 'unsubscribed')).toEqual(['1', '2', 'end']);
    gateway.handleDisconnect(socket);
    expect(hub.size).toBe(0);
  });

  test('is still watched when the first lookup fails after the second is answered', async () => {
    const { socket, gateway, told, end, lookup, subscribe } = connection();
    const first = subscribe();
    gateway.unsubscribe(socket, { job: jobId });
    const second = subscribe();
    lookup(1).answer(sampleJob({ id: jobId, state: 'running', events: 1 }));
    await second;
    lookup(0).fail(new Error('connection lost'));
    await first;
    await end;
    expect(told.slice(-3)).toEqual(['1', '2', 'end']);
    gateway.handleDisconnect(socket);
  });
});
