import { Disk } from 'flydrive';
import type { FilesDriver } from './files-driver.js';
import { LocalDriver } from './local-driver.js';
import type { StorageConfig } from './storage.config.js';

export interface FilesDisk {
  disk: Disk;
  driver: FilesDriver;
}

/** The disk that the configuration names. The AWS SDK is loaded only when an S3 bucket is configured. */
export async function openDisk(config: StorageConfig): Promise<FilesDisk> {
  const driver = config.s3 ? (await import('./s3-driver.js')).s3Driver(config.s3) : await LocalDriver.open(config.directory);
  return { disk: new Disk(driver), driver };
}
