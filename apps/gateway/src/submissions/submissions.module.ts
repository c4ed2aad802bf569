import { Module } from '@nestjs/common';
import { CoreModule } from '../core/core.module.js';
import { HttpDoor } from './http/http-door.js';

/** Submissions over HTTP. Their routes are in `jobs`. Submissions over AMQP belong to distributed mode. */
@Module({ imports: [CoreModule], providers: [HttpDoor], exports: [HttpDoor] })
export class SubmissionsModule {}
