import type { KindList } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { HandlerRegistry } from '@app/sdk';
import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { kindViews } from './kind-view.js';

@ApiTags('kinds')
@Controller('kinds')
export class KindsController {
  constructor(private readonly registry: HandlerRegistry) {}

  @Get()
  @ApiOperation({
    operationId: 'listKinds',
    description: 'The policy of a kind holds for its jobs unless their options say otherwise.',
    summary: 'The kinds that can be submitted, with the JSON Schema of their payloads',
  })
  @ApiOkResponse({ type: wire.KindList, description: 'All of them' })
  list(): KindList {
    return { items: kindViews(this.registry) };
  }
}
