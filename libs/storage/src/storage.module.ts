import { type DynamicModule, Module } from '@nestjs/common';
import { Files } from '@app/sdk';
import { DataSource } from 'typeorm';
import type { StorageConfig } from './storage.config.js';
import { StoredFiles } from './stored-files.js';

/** Provides `Files` everywhere. Needs a TypeORM `DataSource` in the container, on a database with table `files`. */
@Module({})
export class StorageModule {
  static forRoot(config: StorageConfig): DynamicModule {
    return {
      module: StorageModule,
      global: true,
      providers: [
        {
          provide: StoredFiles,
          inject: [DataSource],
          useFactory: (dataSource: DataSource) => StoredFiles.open(dataSource, config),
        },
        { provide: Files, useExisting: StoredFiles },
      ],
      exports: [Files, StoredFiles],
    };
  }
}
