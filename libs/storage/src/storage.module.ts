import { type DynamicModule, Module } from '@nestjs/common';
import { Files, LONGHAUL_DATA_SOURCE } from '@app/sdk';
import type { DataSource } from 'typeorm';
import type { StorageConfig } from './storage.config.js';
import { StoredFiles } from './stored-files.js';

/** Provides `Files` to all modules. Needs the provider `LONGHAUL_DATA_SOURCE`, on a database with table `files`. */
@Module({})
export class StorageModule {
  static forRoot(config: StorageConfig): DynamicModule {
    return {
      module: StorageModule,
      global: true,
      providers: [
        {
          provide: StoredFiles,
          inject: [LONGHAUL_DATA_SOURCE],
          useFactory: (dataSource: DataSource) => StoredFiles.open(dataSource, config),
        },
        { provide: Files, useExisting: StoredFiles },
      ],
      exports: [Files, StoredFiles],
    };
  }
}
