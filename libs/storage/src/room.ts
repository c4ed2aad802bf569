import { statfs } from 'node:fs/promises';

/** There is no room for a file: the quota is used up, or the disk is nearly full. Nothing of it was kept. An HTTP door answers 507. */
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
  /** Null for a store that has no such number. */
  directory: string | null;
  quotaBytes: number;
  minFreeBytes: number;
  /** Bytes of all stored files. */
  storedBytes: () => Promise<number>;
}

/** How many bytes of one file may come between two looks at the disk. */
const LOOK_EVERY_BYTES = 16 * 1024 ** 2;
/** How long a sum of all files is good for. */
const SUM_MS = 1_000;

/**
 * Whether there is room for more files. Several processes know nothing of each other's uploads that are under way, so the quota may be
 * exceeded by as much as those bring; what is stored counts for all.
 */
export class Room {
  private stored: { bytes: number; at: number } | undefined;
  /** Of the files that this process receives now. */
  private coming = 0;

  constructor(private readonly options: RoomOptions) {}

  /** A file that is about to be received. Throws {@link NoRoomError} when there is no room for `expectedBytes` (0: not known). */
  async begin(expectedBytes: number): Promise<RoomFor> {
    await this.look(expectedBytes);
    return new RoomFor(
      (bytes) => this.look(bytes),
      (bytes) => (this.coming += bytes),
    );
  }

  /** After a file was removed. */
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

/** The room of one file, while it comes. */
export class RoomFor {
  private bytes = 0;
  private unseen = 0;

  constructor(
    private readonly look: (more: number) => Promise<void>,
    private readonly count: (bytes: number) => void,
  ) {}

  /** So many bytes have come; rejects when there is no room for more. */
  async take(bytes: number): Promise<void> {
    this.bytes += bytes;
    this.unseen += bytes;
    this.count(bytes);
    if (this.unseen < LOOK_EVERY_BYTES) return;
    this.unseen = 0;
    await this.look(0);
  }

  /** The file is stored, or was given up. */
  end(): void {
    this.count(-this.bytes);
    this.bytes = 0;
  }
}
