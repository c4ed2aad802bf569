import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { BoundsModule } from '../http/bounds.module.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { LetterGroupsController } from './letter-groups.controller.js';

@Module({ imports: [CoreModule, BoundsModule], controllers: [LetterGroupsController, DeadLettersController] })
export class DeadLettersModule {}
