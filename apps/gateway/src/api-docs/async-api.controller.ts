import { HandlerRegistry } from '@app/sdk';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { asyncApiDocument } from './async-api.js';

/** Null in step 1, which has no broker. */
export const AMQP_URL = Symbol('amqp url');

/** The document is made once: kinds do not change while a process runs. */
@ApiExcludeController()
@Controller('asyncapi.json')
export class AsyncApiController {
  private readonly document: object;

  constructor(registry: HandlerRegistry, @Inject(AMQP_URL) amqpUrl: string | null) {
    this.document = asyncApiDocument(registry, amqpUrl ?? undefined);
  }

  @Get()
  read(): object {
    return this.document;
  }
}
