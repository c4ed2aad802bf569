import { StorageModule } from '@app/storage';
import { Module } from '@nestjs/common';
import { FilesController } from './files.controller.js';

/** `/files`. Needs `registerUploads(app)` before the application listens. */
@Module({ imports: [StorageModule], controllers: [FilesController] })
export class FilesModule {}
