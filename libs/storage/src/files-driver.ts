import type { Readable } from 'node:stream';

/** Where the contents of files are. Keys are ours: two levels of hexadecimal digits and `-`. */
export interface FilesDriver {
  /** Resolves only when the bytes are durable, and leaves nothing when it rejects. */
  putStream(key: string, contents: Readable): Promise<void>;
  /** Bytes `start` to `end`, both included; to the end of the file when `end` is absent. */
  getRange(key: string, start: number, end?: number): Promise<Readable>;
  /** A file that is not there is deleted. */
  delete(key: string): Promise<void>;
  /** Names in a folder; none when it is not there. Absent where listing costs too much. */
  list?(folder: string): Promise<string[]>;
}
