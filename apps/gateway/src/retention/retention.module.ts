import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { RetentionController } from './retention.controller.js';
import { RetentionInCode } from './retention-in-code.js';

@Module({ imports: [CoreModule], controllers: [RetentionController], providers: [RetentionInCode], exports: [RetentionInCode] })
export class RetentionModule {}
