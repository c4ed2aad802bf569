import { type ProblemCode, PROBLEMS, problemType } from '@app/contracts';
import type { JobId } from '@app/core';
import type { WebSocket } from 'ws';
import { type EventHub, type JobSink, NEEDS_SNAPSHOT } from './event-hub.js';
import type { OpenStream } from './open-streams.js';
import type { OutEvent } from './out-event.js';

/** Beyond this many bytes that the socket has not taken, nothing more is read for its reader. */
const FULL_BYTES = 256 * 1024;
/** Answers to a reader that asks and does not read end here. */
const MAX_BYTES = 4 * 1024 * 1024;
const GOING_AWAY = 1001;

/** One WebSocket connection and the jobs that it subscribes to. */
export class SocketStream implements OpenStream {
  /** Null while the job is being looked up. */
  private readonly sinks = new Map<JobId, JobSink | null>();
  private fullSince: number | undefined;
  private answered = true;

  constructor(
    private readonly socket: WebSocket,
    private readonly hub: EventHub,
  ) {
    socket.on('pong', () => (this.answered = true));
  }

  /** Takes a place for a subscription. False: it is there already, or there is no room. */
  reserve(job: JobId, max: number): boolean {
    if (this.sinks.has(job) || this.sinks.size >= max) return false;
    this.sinks.set(job, null);
    return true;
  }

  release(job: JobId): void {
    const sink = this.sinks.get(job);
    this.sinks.delete(job);
    if (sink) this.hub.remove(sink);
  }

  watch(job: JobId, after: number | 'from a snapshot'): void {
    // Unsubscribed, or gone, while it was looked up.
    if (!this.sinks.has(job)) return;
    const sink: JobSink = {
      jobId: job,
      after: after === 'from a snapshot' ? NEEDS_SNAPSHOT : after,
      ready: () => this.fullSince === undefined,
      give: (events) => events.forEach((event) => this.give(event)),
      end: () => this.ended(job),
    };
    this.sinks.set(job, sink);
    this.hub.add(sink);
  }

  /** All events of the job are told; the subscription is over. */
  ended(job: JobId): void {
    this.sinks.delete(job);
    this.tell('end', { job });
  }

  tell(event: string, data: object): void {
    this.send(JSON.stringify({ event, data }));
    if (this.socket.bufferedAmount > MAX_BYTES) this.drop();
  }

  /** A problem as HTTP would show it, in a frame. */
  refuse(code: ProblemCode, detail: string, job?: JobId): void {
    const { title, status } = PROBLEMS[code];
    this.tell('error', { type: problemType(code), title, status, detail, ...(job === undefined ? {} : { job }) });
  }

  beat(): void {
    if (!this.answered) return this.drop();
    this.answered = false;
    this.socket.ping();
  }

  stalledFor(): number {
    return this.fullSince === undefined ? 0 : performance.now() - this.fullSince;
  }

  drop(): void {
    this.socket.terminate();
  }

  end(): void {
    this.socket.close(GOING_AWAY, 'the gateway is shutting down; connect again');
  }

  closed(): void {
    for (const job of [...this.sinks.keys()]) this.release(job);
  }

  private give(event: OutEvent): void {
    this.send(`{"event":"${event.name}","data":${event.json}}`);
  }

  private send(text: string): void {
    this.socket.send(text, () => this.drained());
    if (this.socket.bufferedAmount > FULL_BYTES) this.fullSince ??= performance.now();
  }

  private drained(): void {
    if (this.fullSince === undefined || this.socket.bufferedAmount > FULL_BYTES) return;
    this.fullSince = undefined;
    for (const sink of this.sinks.values()) if (sink) this.hub.resume(sink);
  }
}
