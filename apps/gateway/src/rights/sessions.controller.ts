import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { OpenSessionList } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { isUuid, Refusal } from '@app/core';
import { Principals, Store } from '@app/host';
import { Controller, Delete, Get, HttpCode, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { TENANT } from '../api-docs/parameters.js';
import { sessionsView } from './key-view.js';
import { seenBy, ViewedBy, type Viewer } from './tenant.js';

@ApiTags('rights')
@Controller('sessions')
export class SessionsController {
  constructor(
    private readonly store: Store,
    private readonly principals: Principals,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listSessions',
    summary: 'The sessions of browsers that are open, the newest first; to a key of one tenant, those of that tenant',
    description: 'Of those who have signed in with a key, and of those who have with an account of an identity provider.',
  })
  @ApiQuery(TENANT)
  @ApiResponse({ status: 200, type: wire.OpenSessionList, description: 'The newest 1,000' })
  list(@ViewedBy() { sees }: Viewer): Promise<OpenSessionList> {
    return sessionsView(this.store, sees);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'revokeSession',
    summary: 'Revoke a session',
    description:
      'It is refused everywhere within 2 s, and its streams end. Whoever had it may sign in again: revoke the key, or lock the account at its provider.',
  })
  @ApiResponse({ status: 204, description: 'Revoked' })
  async revoke(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    if (!isUuid(id) || !(await this.store.sessions.revoke(id, seenBy(request))))
      throw new Refusal('not_found', `there is no open session ${JSON.stringify(id.slice(0, 100))}; GET /sessions lists them`);
    await this.principals.refresh();
  }
}
