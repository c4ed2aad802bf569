import type { Readable } from 'node:stream';
import { Disk } from 'flydrive';
import type { DriverContract } from 'flydrive/types';
import { LocalDriver } from './local-driver.js';
import type { StorageConfig } from './storage.config.js';

/** What files need beyond flydrive's own contract. `putStream` must resolve only when the bytes are durable, and leave nothing when it rejects. */
export interface FilesDriver extends DriverContract {
  /** Bytes `start` to `end`, both included; to the end of the file when `end` is absent. */
  getRange(key: string, start: number, end?: number): Promise<Readable>;
}

export interface FilesDisk {
  disk: Disk;
  driver: FilesDriver;
}

/** The disk that the configuration names. The AWS SDK is loaded only when an S3 bucket is configured. */
export async function openDisk(config: StorageConfig): Promise<FilesDisk> {
  const driver = config.s3 ? (await import('./s3-driver.js')).s3Driver(config.s3) : await LocalDriver.open(config.directory);
  return { disk: new Disk(driver), driver };
}
