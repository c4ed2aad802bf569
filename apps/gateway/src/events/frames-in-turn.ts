import type { WebSocket } from 'ws';

/** While more bytes than this wait, the socket is not read, so that its client is slowed down … */
const FULL_BYTES = 256 * 1_024;
/** … until no more than this are left. The limit of incoming frames also limits how many wait. */
const LOW_BYTES = 64 * 1_024;
/** A client may send at once the number of frames that it may send in so many seconds. */
const BURST_SECONDS = 5;
const POLICY_VIOLATION = 1008;
const CLOSE_MS = 2_000;

/**
 * Handles the frames of one socket one after the other: the lookups of a frame end before the next frame begins, and the number of waiting frames
 * is limited. The socket of a client that sends too many is closed; its further frames are dropped unread.
 */
export class FramesInTurn {
  private readonly waiting: Buffer[] = [];
  private bytes = 0;
  private paused = false;
  private credit: number;
  private countedAt = performance.now();
  private busy = false;
  private over = false;

  constructor(
    private readonly socket: Pick<WebSocket, 'on' | 'close' | 'terminate' | 'pause' | 'resume'>,
    private readonly perSecond: number,
    private readonly handle: (frame: Buffer) => Promise<void>,
  ) {
    this.credit = perSecond * BURST_SECONDS;
    socket.on('message', (data: Buffer) => this.receive(data));
    // `ws` itself answers pings, but they cost time too.
    socket.on('ping', () => this.count());
    socket.on('close', () => this.end());
  }

  private receive(data: Buffer): void {
    if (!this.count()) return;
    this.waiting.push(data);
    this.bytes += data.length;
    if (this.bytes >= FULL_BYTES) this.pause();
    if (!this.busy) void this.work();
  }

  private async work(): Promise<void> {
    this.busy = true;
    for (let frame = this.waiting.shift(); frame !== undefined; frame = this.waiting.shift()) {
      this.bytes = Math.max(0, this.bytes - frame.length);
      await this.handle(frame);
      if (this.paused && !this.over && this.bytes <= LOW_BYTES) this.resume();
    }
    this.busy = false;
  }

  /** Counts a frame; false when it is one too many. */
  private count(): boolean {
    if (this.over) return false;
    const now = performance.now();
    this.credit = Math.min(this.perSecond * BURST_SECONDS, this.credit + ((now - this.countedAt) / 1_000) * this.perSecond) - 1;
    this.countedAt = now;
    if (this.credit >= 0) return true;
    this.end();
    this.socket.close(POLICY_VIOLATION, `expected at most ${this.perSecond} frames a second`);
    // Nothing more is read, so that its further frames cost nothing.
    this.pause();
    setTimeout(() => this.socket.terminate(), CLOSE_MS).unref();
    return false;
  }

  private end(): void {
    this.over = true;
    this.waiting.length = 0;
    this.bytes = 0;
  }

  private pause(): void {
    this.paused = true;
    this.socket.pause();
  }

  private resume(): void {
    this.paused = false;
    this.socket.resume();
  }
}
