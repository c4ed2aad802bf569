import { StoredContents } from '@app/core';
import { Files, LONGHAUL_DATA_SOURCE } from '@app/sdk';
import { Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { FilesOfTenant } from './files-of-tenant.js';
import type { TakeBytes } from './room-of-tenant.js';
import type { StorageConfig } from './storage.config.js';
import { StoredFiles } from './stored-files.js';

export const STORAGE_CONFIG = Symbol('storage config');
/** Takes bytes out of the quotas of tenants: a `TakeBytes`. Without it they have none. */
export const TAKE_BYTES = Symbol('take bytes');

/** Provides `Files`, and `StoredContents`. Needs the providers `LONGHAUL_DATA_SOURCE`, on a database with table `files`, and `STORAGE_CONFIG`. */
@Module({
  providers: [
    {
      provide: StoredFiles,
      inject: [LONGHAUL_DATA_SOURCE, STORAGE_CONFIG, { token: TAKE_BYTES, optional: true }],
      // A factory, because opening is asynchronous: it checks the disk, or loads the S3 client.
      useFactory: (dataSource: DataSource, config: StorageConfig, takeBytes?: TakeBytes) => StoredFiles.open(dataSource, config, takeBytes),
    },
    { provide: StoredContents, useExisting: StoredFiles },
    { provide: Files, inject: [StoredFiles], useFactory: (stored: StoredFiles) => new FilesOfTenant(stored) },
  ],
  exports: [Files, StoredContents, StoredFiles],
})
export class StorageModule {}
