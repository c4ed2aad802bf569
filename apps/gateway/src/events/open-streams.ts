import { Refusal, type Taken } from '@app/core';
import { CONFIG, Principals } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../rights/caller.js';
import type { BoundsConfig } from '../http/bounds.config.js';
import { PerClient } from '../http/per-client.js';
import { Interest } from './interest.js';

/** An open stream to a reader, over any protocol. */
export interface OpenStream {
  /** Sends a sign of life to the reader and to every proxy in between. */
  beat(): void;
  /** For how many milliseconds the reader has not taken what was sent; 0 when it has taken everything. */
  stalledFor(): number;
  /** Closes the connection at once. */
  drop(): void;
  /** Ends the stream in good order, because this process stops. */
  end(): void;
  /** Ends it because its reader has lost the right to it. Where this is left out, `end` does. */
  forbid?(): void;
}

export interface StreamLimits {
  maxStreams: number;
  heartbeatMs: number;
  /** A reader that takes nothing for this long is cut off. */
  stallMs: number;
}

const LOOK_MS = 1_000;
/** How often the rights of readers are looked at again, beside each change of rights: a key may be over. */
const RIGHTS_MS = 30_000;

/** All open streams of this process: bounded in number, kept alive, cut off when their reader does not read. One timer for all. */
@Injectable()
export class OpenStreams {
  private readonly streams = new Map<OpenStream, { release: () => void; caller: Caller | undefined }>();
  private readonly ofClients: PerClient;
  private unheard: (() => void) | undefined;
  private readonly timer: NodeJS.Timeout;
  private closed = false;
  private beatAt = performance.now();
  private judgedAt = performance.now();

  private readonly limits: StreamLimits;
  private readonly maxOfClient: number;

  constructor(
    @Inject(CONFIG) { events, bounds }: { events: StreamLimits; bounds: Pick<BoundsConfig, 'streamsOfClient'> },
    private readonly interest: Interest,
    principals: Principals,
  ) {
    principals.listen(() => void this.judge());
    this.limits = events;
    this.maxOfClient = bounds.streamsOfClient;
    this.ofClients = new PerClient(this.maxOfClient);
    this.timer = setInterval(() => this.look(), Math.min(LOOK_MS, events.heartbeatMs)).unref();
  }

  get size(): number {
    return this.streams.size;
  }

  /** Adds a stream. Throws a `Refusal` when there is no room for one more. */
  admit(client: string): void {
    if (this.closed) throw new Refusal('unavailable', 'this gateway is shutting down; connect again');
    if (this.size >= this.limits.maxStreams)
      throw new Refusal('unavailable', `this gateway has its ${this.limits.maxStreams} streams; try again, or poll the job`);
    if (this.ofClients.exceeds(client))
      throw new Refusal('too_many_of_client', `expected at most ${this.maxOfClient} streams of one client; close some, or follow many jobs over one WebSocket`);
  }

  /** `caller`: whose rights it rests on; undefined where none are needed. `taken`: its place in the tenant's quota, which is given back with the stream. */
  add(stream: OpenStream, client: string, caller?: Caller, taken?: Taken): void {
    const leave = this.ofClients.take(client);
    const release = () => {
      leave();
      taken?.end();
    };
    this.streams.set(stream, { release, caller });
    this.unheard ??= this.interest.take();
  }

  remove(stream: OpenStream): void {
    this.streams.get(stream)?.release();
    if (!this.streams.delete(stream) || this.size > 0) return;
    this.unheard?.();
    this.unheard = undefined;
  }

  /** Ends all streams. Readers connect to another gateway and go on where they were. */
  drain(): void {
    this.closed = true;
    clearInterval(this.timer);
    for (const stream of this.streams.keys()) stream.end();
  }

  /** Ends the streams whose readers have lost their rights. One whose rights cannot be read now is judged again later. */
  async judge(): Promise<void> {
    this.judgedAt = performance.now();
    for (const [stream, { caller }] of this.streams) {
      if (!caller) continue;
      const holds = await caller.again().then(
        (principal) => principal !== undefined,
        () => true,
      );
      if (!holds && this.streams.has(stream)) (stream.forbid ?? stream.end).call(stream);
    }
  }

  private look(): void {
    if (performance.now() - this.judgedAt >= RIGHTS_MS) void this.judge();
    const beat = performance.now() - this.beatAt >= this.limits.heartbeatMs;
    if (beat) this.beatAt = performance.now();
    for (const stream of this.streams.keys()) {
      const stalled = stream.stalledFor();
      if (stalled >= this.limits.stallMs) stream.drop();
      else if (beat && stalled === 0) stream.beat();
    }
  }
}
