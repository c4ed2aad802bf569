import { ApiExcludeController } from '@app/contracts/schemas';
import { CONFIG } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Controller, Get, Inject } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { GatewayConfig } from '../gateway.config.js';
import { asyncApiDocument } from './async-api.js';

/** Serves the AsyncAPI document. It is made once, for the first who asks, because kinds do not change while a process runs. */
@ApiExcludeController()
@Controller('asyncapi.json')
export class AsyncApiController {
  private document: object | undefined;
  private openApi: (() => Promise<OpenAPIObject>) | undefined;

  constructor(
    private readonly registry: HandlerRegistry,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** Outcomes and refusals are the same as over HTTP, so their schemas come from the OpenAPI document. Call it before the first request. */
  describe(openApi: () => Promise<OpenAPIObject>): void {
    this.openApi = openApi;
  }

  @Get()
  async read(): Promise<object> {
    if (!this.openApi) throw new Error('expected the OpenAPI document before the first request, got none');
    const { broker, amqpUrl } = this.config;
    return (this.document ??= asyncApiDocument(this.registry, broker === 'none' ? undefined : amqpUrl, await this.openApi()));
  }
}
