import type { Readable } from 'node:stream';

/** A stored file. Only the id identifies it; `name` is the uploader's name for it and is never used as a path. */
export interface StoredFile {
  id: string;
  name: string;
  mediaType: string;
  /** In bytes. */
  size: number;
  /** In hexadecimal digits. */
  sha256: string;
  createdAt: Date;
}

/** Stores and reads files, locally or in an S3-compatible store, by id. Inject it into a handler's constructor. */
export abstract class Files {
  /**
   * Stores `content` to its end, in constant memory, and resolves when it is durable.
   * `key` makes it repeatable: storing again with the same key replaces nothing and returns the first file's id.
   */
  abstract save(content: Readable, about: { name: string; mediaType: string; key?: string; signal?: AbortSignal }): Promise<StoredFile>;

  /** The file's description, or undefined when there is none with this id. */
  abstract find(id: string): Promise<StoredFile | undefined>;

  /** The content, from byte `start` (default 0). Rejects when there is no such file. */
  abstract read(id: string, start?: number): Promise<Readable>;
}
