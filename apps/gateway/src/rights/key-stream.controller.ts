import { ApiQuery, ApiTags } from '@app/contracts/schemas';
import type { KeysNow } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import type { Sees } from '@app/core';
import { Store } from '@app/host';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TENANT } from '../api-docs/parameters.js';
import { LookDoor } from '../events/look-door.js';
import { DescribedLook } from '../events/look-docs.js';
import { keysView, sessionsView } from './key-view.js';
import { ViewedBy, type Viewer } from './tenant.js';

@ApiTags('rights')
@Controller('streams/keys')
export class KeyStreamController {
  constructor(
    private readonly store: Store,
    private readonly door: LookDoor,
  ) {}

  @Get()
  @DescribedLook('keys', wire.KeysNow, { operationId: 'streamKeys', shows: 'All keys, and the sessions that are open', as: '`GET /keys` and `GET /sessions`' })
  @ApiQuery(TENANT)
  async stream(@ViewedBy() { sees }: Viewer, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.door.open(request, reply, [sees], { name: 'keys', look: () => this.look(sees) });
  }

  private async look(sees: Sees): Promise<KeysNow> {
    const [keys, sessions] = await Promise.all([keysView(this.store, sees), sessionsView(this.store, sees)]);
    return { keys, sessions };
  }
}
