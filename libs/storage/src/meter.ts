import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import type { RoomFor } from './room.js';

/** The content is larger than `FILES_MAX_BYTES` allows; nothing of it was kept. An HTTP door answers 413. */
export class FileTooLargeError extends Error {
  readonly code = 'file_too_large';

  constructor(readonly maxBytes: number) {
    super(`expected a file of at most ${maxBytes} bytes (FILES_MAX_BYTES), got more: split it or raise the limit`);
    this.name = 'FileTooLargeError';
  }
}

/** Passes bytes on unchanged while counting and hashing them; fails with {@link FileTooLargeError} at the first byte too many, and when its room is used up. */
export class Meter extends Transform {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly room?: RoomFor,
  ) {
    super();
  }

  /** Bytes so far. Not to be called `size`: the AWS SDK takes that for the length of what is still to come. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Hex. Call it once, after the end. */
  sha256(): string {
    return this.#hash.digest('hex');
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.maxBytes) return done(new FileTooLargeError(this.maxBytes));
    this.#hash.update(chunk);
    if (!this.room) return done(null, chunk);
    this.room.take(chunk.length).then(() => done(null, chunk), done);
  }
}
