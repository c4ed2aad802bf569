import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { BoundsModule } from '../http/bounds.module.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { EventsModule } from '../events/events.module.js';
import { LetterGroupsController } from './letter-groups.controller.js';
import { LetterStreamController } from './letter-stream.controller.js';

@Module({ imports: [CoreModule, BoundsModule, EventsModule], controllers: [LetterStreamController, LetterGroupsController, DeadLettersController] })
export class DeadLettersModule {}
