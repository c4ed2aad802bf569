import type { Readable } from 'node:stream';

/** Stores the contents of files. Longhaul makes the keys: two levels of hexadecimal digits and `-`. */
export interface FilesDriver {
  /** Resolves only when the bytes are durable. Leaves nothing behind when it rejects. */
  putStream(key: string, contents: Readable): Promise<void>;
  /** Bytes `start` to `end`, both included; to the end of the file when `end` is absent. */
  getRange(key: string, start: number, end?: number): Promise<Readable>;
  /** Resolves also when there is no such file. */
  delete(key: string): Promise<void>;
  /** The names in a folder; none when there is no such folder. Drivers for which a list costs too much do not have this method. */
  list?(folder: string): Promise<string[]>;
}
