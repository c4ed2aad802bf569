import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { BoundsModule } from '../http/bounds.module.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { LetterGroupsController } from './letter-groups.controller.js';
import { RedriveDeadLetter } from './redrive-dead-letter.js';

@Module({ imports: [CoreModule, BoundsModule], controllers: [LetterGroupsController, DeadLettersController], providers: [RedriveDeadLetter] })
export class DeadLettersModule {}
