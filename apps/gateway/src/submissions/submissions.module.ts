import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { HttpDoor } from './http/http-door.js';

/** The HTTP door. Its routes are in `jobs`. The AMQP door belongs to distributed mode. */
@Module({ imports: [CoreModule], providers: [HttpDoor], exports: [HttpDoor] })
export class SubmissionsModule {}
