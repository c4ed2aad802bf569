import type { Readable } from 'node:stream';
import type { DriverContract } from 'flydrive/types';

/** What files need beyond flydrive's own contract. `putStream` must resolve only when the bytes are durable, and leave nothing when it rejects. */
export interface FilesDriver extends DriverContract {
  /** Bytes `start` to `end`, both included; to the end of the file when `end` is absent. */
  getRange(key: string, start: number, end?: number): Promise<Readable>;
  /** Names in a folder; none when it is not there. Absent where listing costs too much. */
  list?(folder: string): Promise<string[]>;
}
