import type { FilesDriver } from './files-driver.js';
import { LocalDriver } from './local-driver.js';
import type { StorageConfig } from './storage.config.js';

/** Opens the driver that the configuration names. flydrive and the AWS SDK are loaded only when an S3 bucket is configured. */
export async function openDriver(config: StorageConfig): Promise<FilesDriver> {
  return config.s3 ? (await import('./s3-driver.js')).s3Driver(config.s3) : await LocalDriver.open(config.directory);
}
