import { Module } from '@nestjs/common';
import { FilesController } from './files.controller.js';

/** `/files`. Needs `StorageModule.forRoot(…)` in the application, and `registerUploads(app)` before it listens. */
@Module({ controllers: [FilesController] })
export class FilesModule {}
