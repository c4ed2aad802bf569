import { CONFIG } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import type { GatewayConfig } from '../gateway.config.js';
import { asyncApiDocument } from './async-api.js';

/** Serves the AsyncAPI document. It is made once, because kinds do not change while a process runs. */
@ApiExcludeController()
@Controller('asyncapi.json')
export class AsyncApiController {
  private document: object | undefined;

  constructor(
    private readonly registry: HandlerRegistry,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** Makes the document. Outcomes and refusals are the same as over HTTP, so their schemas come from the OpenAPI document. Call it before the first request. */
  describe(openApi: OpenAPIObject): void {
    const { broker, amqpUrl } = this.config;
    this.document = asyncApiDocument(this.registry, broker === 'none' ? undefined : amqpUrl, openApi);
  }

  @Get()
  read(): object {
    if (!this.document) throw new Error('expected the document to be made before the first request');
    return this.document;
  }
}
