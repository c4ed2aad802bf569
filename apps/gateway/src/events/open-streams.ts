import { Refusal } from '@app/core';

/** A stream that is open to a reader, over whatever protocol. */
export interface OpenStream {
  /** Shows the reader, and every proxy between, that the connection lives. */
  beat(): void;
  /** Milliseconds for which the reader has not taken what it was given; 0 if it has. */
  stalledFor(): number;
  /** Cut off, without waiting for anything. */
  drop(): void;
  /** Ended in good order: this process stops. */
  end(): void;
}

export interface StreamLimits {
  maxStreams: number;
  heartbeatMs: number;
  /** A reader that takes nothing for so long is cut off. */
  stallMs: number;
}

const LOOK_MS = 1_000;

/** All open streams of this process: bounded in number, kept alive, cut off when their reader does not read. One timer for all. */
export class OpenStreams {
  private readonly streams = new Set<OpenStream>();
  private readonly timer: NodeJS.Timeout;
  private closed = false;
  private beatAt = performance.now();

  constructor(
    private readonly limits: StreamLimits,
    /** Called when there is a first stream, and when there is none any more. */
    private readonly listen: (wanted: boolean) => void,
  ) {
    this.timer = setInterval(() => this.look(), Math.min(LOOK_MS, limits.heartbeatMs)).unref();
  }

  get size(): number {
    return this.streams.size;
  }

  /** Refuses where there is no room for one more. */
  admit(): void {
    if (this.closed) throw new Refusal('unavailable', 'this gateway is shutting down; connect again');
    if (this.size >= this.limits.maxStreams)
      throw new Refusal('unavailable', `this gateway has its ${this.limits.maxStreams} streams; try again, or poll the job`);
  }

  add(stream: OpenStream): void {
    this.streams.add(stream);
    if (this.size === 1) this.listen(true);
  }

  remove(stream: OpenStream): void {
    if (this.streams.delete(stream) && this.size === 0) this.listen(false);
  }

  /** Readers connect again, to another gateway, and go on where they were. */
  onModuleDestroy(): void {
    this.closed = true;
    clearInterval(this.timer);
    for (const stream of this.streams) stream.end();
  }

  private look(): void {
    const beat = performance.now() - this.beatAt >= this.limits.heartbeatMs;
    if (beat) this.beatAt = performance.now();
    for (const stream of this.streams) {
      const stalled = stream.stalledFor();
      if (stalled >= this.limits.stallMs) stream.drop();
      else if (beat && stalled === 0) stream.beat();
    }
  }
}
