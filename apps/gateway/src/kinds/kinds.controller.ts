import { HandlerRegistry, type JsonSchema } from '@app/sdk';
import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { kindViews } from './kind-view.js';

@ApiTags('kinds')
@Controller('kinds')
export class KindsController {
  constructor(private readonly registry: HandlerRegistry) {}

  @Get()
  @ApiOperation({ summary: 'The kinds that can be submitted, with the JSON Schema of their payloads' })
  list(): { items: { kind: string; schema: JsonSchema }[] } {
    return { items: kindViews(this.registry) };
  }
}
