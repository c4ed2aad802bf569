import { statfs } from 'node:fs/promises';

/** There is no room for a file: the quota is used up, or the disk is nearly full. Nothing of the file is stored. Over HTTP the answer is 507. */
export class NoRoomError extends Error {
  readonly code = 'insufficient_storage';

  constructor(
    readonly limit: 'FILES_QUOTA_BYTES' | 'FILES_MIN_FREE_BYTES',
    message: string,
  ) {
    super(message);
    this.name = 'NoRoomError';
  }
}

export interface RoomOptions {
  /** The folder on whose disk free space is measured; null for a store without such a measure. */
  directory: string | null;
  quotaBytes: number;
  minFreeBytes: number;
  /** Bytes of all stored files. */
  storedBytes: () => Promise<number>;
}

/** The free space of the disk is measured again after so many bytes of a file. */
const LOOK_EVERY_BYTES = 16 * 1024 ** 2;
/** How long a sum of the sizes of all files is used before it is read again. */
const SUM_MS = 1_000;

/**
 * Decides whether there is room for more files. A process does not know the running uploads of other processes, so these may exceed the
 * quota; stored files count in all processes.
 */
export class Room {
  private stored: { bytes: number; at: number } | undefined;
  /** The bytes of the files that this process is receiving. */
  private coming = 0;

  constructor(private readonly options: RoomOptions) {}

  /** Reserves room for a file before it is received. Throws {@link NoRoomError} when there is no room for `expectedBytes` (0: unknown). */
  async begin(expectedBytes: number): Promise<RoomFor> {
    await this.look(expectedBytes);
    return new RoomFor(
      (bytes) => this.look(bytes),
      (bytes) => (this.coming += bytes),
    );
  }

  /** Makes the next call read the sum of all files again. Call it after a file was removed. */
  forget(): void {
    this.stored = undefined;
  }

  private async look(more: number): Promise<void> {
    const { directory, quotaBytes, minFreeBytes } = this.options;
    if (quotaBytes > 0) {
      const used = (await this.sum()) + this.coming;
      if (used + more > quotaBytes || used >= quotaBytes) {
        throw new NoRoomError(
          'FILES_QUOTA_BYTES',
          `expected room within the ${quotaBytes} bytes of FILES_QUOTA_BYTES, got ${used} in use: remove files (DELETE /files/{id})`,
        );
      }
    }
    if (directory === null || minFreeBytes === 0) return;
    const { bavail, bsize } = await statfs(directory);
    if (bavail * bsize - more < minFreeBytes) {
      throw new NoRoomError(
        'FILES_MIN_FREE_BYTES',
        `expected ${minFreeBytes} bytes to stay free on the disk (FILES_MIN_FREE_BYTES), got too little room: remove files, or make some`,
      );
    }
  }

  private async sum(): Promise<number> {
    const now = performance.now();
    if (this.stored === undefined || now - this.stored.at > SUM_MS) this.stored = { bytes: await this.options.storedBytes(), at: now };
    return this.stored.bytes;
  }
}

/** The room of one file while it is received. */
export class RoomFor {
  private bytes = 0;
  private unseen = 0;

  constructor(
    private readonly look: (more: number) => Promise<void>,
    private readonly count: (bytes: number) => void,
  ) {}

  /** Counts received bytes. Rejects when there is no room for more. */
  async take(bytes: number): Promise<void> {
    this.bytes += bytes;
    this.unseen += bytes;
    this.count(bytes);
    if (this.unseen < LOOK_EVERY_BYTES) return;
    this.unseen = 0;
    await this.look(0);
  }

  /** Gives the room back. Call it when the file is stored or was given up. */
  end(): void {
    this.count(-this.bytes);
    this.bytes = 0;
  }
}
