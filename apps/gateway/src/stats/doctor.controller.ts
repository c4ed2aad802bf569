import { ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { DoctorView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { examine, publicPath } from '@app/core';
import { Store } from '@app/host';
import { Controller, Get } from '@nestjs/common';
import { WholeLook } from './whole-look.js';

@ApiTags('stats')
@Controller('doctor')
export class DoctorController {
  constructor(
    private readonly store: Store,
    private readonly look: WholeLook,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'doctor',
    summary: 'What is not well, how one sees it, and what to do',
    description: 'Every rule, and what each has found. The verdict of `GET /stats` is the first finding of those that are looked at each second.',
  })
  @ApiResponse({ status: 200, type: wire.DoctorView, description: 'Now' })
  async examine(): Promise<DoctorView> {
    const rules = examine(await this.look.now());
    return {
      at: new Date(this.store.time.now()).toISOString(),
      ok: rules.every(({ found }) => found.length === 0),
      rules: rules.map(({ found, ...rule }) => ({ ...rule, found: found.map(({ message, link }) => ({ message, link: publicPath(link) })) })),
    };
  }
}
