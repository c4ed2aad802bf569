import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import type { RoomFor } from './room.js';
import type { RoomOfTenant } from './room-of-tenant.js';

/** The content is larger than `FILES_MAX_BYTES` allows. Nothing of it is stored. Over HTTP the answer is 413. */
export class FileTooLargeError extends Error {
  readonly code = 'file_too_large';

  constructor(readonly maxBytes: number) {
    super(`expected a file of at most ${maxBytes} bytes (FILES_MAX_BYTES), got more: split it or raise the limit`);
    this.name = 'FileTooLargeError';
  }
}

/** Counts and hashes bytes and passes them on unchanged. Fails with {@link FileTooLargeError} at the first byte above the limit, and when its room is used up. */
export class Meter extends Transform {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly room?: Pick<RoomFor, 'take'>,
    private readonly quota?: Pick<RoomOfTenant, 'take'>,
  ) {
    super();
  }

  /** The number of bytes so far. It must not be called `size`: the AWS SDK reads that as the length of the whole stream. */
  get bytes(): number {
    return this.#bytes;
  }

  /** In hexadecimal digits. Call it once, after the end. */
  sha256(): string {
    return this.#hash.digest('hex');
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.maxBytes) return done(new FileTooLargeError(this.maxBytes));
    this.#hash.update(chunk);
    if (!this.room) return done(null, chunk);
    const taken = this.quota ? this.quota.take(chunk.length).then(() => this.room?.take(chunk.length)) : this.room.take(chunk.length);
    taken.then(() => done(null, chunk), done);
  }
}
