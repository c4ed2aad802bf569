import { HandlerRegistry } from '@app/sdk';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import { asyncApiDocument } from './async-api.js';

/** Null in single-process mode, which has no broker. */
export const AMQP_URL = Symbol('amqp url');

/** The document is made once: kinds do not change while a process runs. */
@ApiExcludeController()
@Controller('asyncapi.json')
export class AsyncApiController {
  private document: object | undefined;

  constructor(
    private readonly registry: HandlerRegistry,
    @Inject(AMQP_URL) private readonly amqpUrl: string | null,
  ) {}

  /** Outcomes and refusals are what HTTP answers, so their schemas come from there. Called before the first request. */
  describe(openApi: OpenAPIObject): void {
    this.document = asyncApiDocument(this.registry, this.amqpUrl ?? undefined, openApi);
  }

  @Get()
  read(): object {
    if (!this.document) throw new Error('expected the document to be made before the first request');
    return this.document;
  }
}
