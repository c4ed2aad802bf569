import { type ProblemCode, PROBLEMS, problemType } from '@app/contracts';
import { type JobId, writeJson } from '@app/core';
import { allows, LOCAL, type Principal } from '@app/host';
import type { WebSocket } from 'ws';
import { type EventHub, type JobSink, NEEDS_SNAPSHOT } from './event-hub.js';
import type { OpenStream } from './open-streams.js';
import type { OutEvent } from './out-event.js';

/** While the socket has more unsent bytes than this, nothing is read for its reader. */
const FULL_BYTES = 256 * 1024;
/** A reader that sends requests and does not read its answers is cut off at so many unsent bytes. */
const MAX_BYTES = 4 * 1024 * 1024;
const GOING_AWAY = 1001;
/** Of the range for applications (RFC 6455, 7.4.2): as HTTP's 401. */
const UNAUTHENTICATED = 4401;

/** The place of one subscription. A job that is unsubscribed and subscribed again gets a new place. */
export interface Subscription {
  readonly job: JobId;
  /** Null while the job is being looked up. */
  sink: JobSink | null;
}

/** One WebSocket connection and the jobs that it subscribes to. */
export class SocketStream implements OpenStream {
  private readonly subscriptions = new Map<JobId, Subscription>();
  private fullSince: number | undefined;
  private answered = true;

  constructor(
    private readonly socket: WebSocket,
    private readonly hub: EventHub,
    /** Whose it is: what it may not see is not sent. */
    readonly principal: Principal = LOCAL,
  ) {
    socket.on('pong', () => (this.answered = true));
  }

  /** Takes a place for a subscription; null when there is one already, or no room. */
  reserve(job: JobId, max: number): Subscription | null {
    if (this.subscriptions.has(job) || this.subscriptions.size >= max) return null;
    const subscription = { job, sink: null };
    this.subscriptions.set(job, subscription);
    return subscription;
  }

  unsubscribe(job: JobId): void {
    const subscription = this.subscriptions.get(job);
    if (subscription) this.release(subscription);
  }

  release(subscription: Subscription): void {
    if (!this.holds(subscription)) return;
    this.subscriptions.delete(subscription.job);
    if (subscription.sink) this.hub.remove(subscription.sink);
  }

  watch(subscription: Subscription, after: number | 'from a snapshot'): void {
    if (!this.holds(subscription)) return;
    const sink: JobSink = {
      jobId: subscription.job,
      after: after === 'from a snapshot' ? NEEDS_SNAPSHOT : after,
      ready: () => this.fullSince === undefined,
      give: (events) => events.forEach((event) => this.give(event)),
      end: () => this.ended(subscription),
    };
    subscription.sink = sink;
    this.hub.add(sink);
  }

  /** Ends a subscription after all events of the job were sent. */
  ended(subscription: Subscription): void {
    if (!this.holds(subscription)) return;
    this.subscriptions.delete(subscription.job);
    this.tell('end', { job: subscription.job });
  }

  tell(event: string, data: object): void {
    this.send(writeJson({ event, data }));
    if (this.socket.bufferedAmount > MAX_BYTES) this.drop();
  }

  /** Sends a problem in a frame, in the form that HTTP has. */
  refuse(code: ProblemCode, detail: string, job?: JobId): void {
    const { title, status } = PROBLEMS[code];
    this.tell('error', { type: problemType(code), title, status, detail, ...(job === undefined ? {} : { job }) });
  }

  beat(): void {
    // While much waits to be sent, the socket is not read, so that no further answers are added.
    if (!this.answered && !this.socket.isPaused) return this.drop();
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

  forbid(): void {
    this.socket.close(UNAUTHENTICATED, 'the credentials are valid no more');
  }

  closed(): void {
    for (const subscription of [...this.subscriptions.values()]) this.release(subscription);
  }

  /** False when the job was unsubscribed, or the connection closed, while the job was looked up. */
  private holds(subscription: Subscription): boolean {
    return this.subscriptions.get(subscription.job) === subscription;
  }

  private give(event: OutEvent): void {
    this.send(`{"event":"${event.name}","data":${event.json(!allows(this.principal, 'jobs:payload'))}}`);
  }

  private send(text: string): void {
    this.socket.send(text, () => this.drained());
    if (this.socket.bufferedAmount > FULL_BYTES) this.fullSince ??= performance.now();
  }

  private drained(): void {
    if (this.fullSince === undefined || this.socket.bufferedAmount > FULL_BYTES) return;
    this.fullSince = undefined;
    for (const { sink } of this.subscriptions.values()) if (sink) this.hub.resume(sink);
  }
}
