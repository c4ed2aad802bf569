import { ApiBody, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { KeyList, KeyView, MadeKey } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { Refusal } from '@app/core';
import { Principals, Store } from '@app/host';
import type { ApiKey } from '@app/postgres';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { TENANT } from '../api-docs/parameters.js';
import { principalOf } from './caller.js';
import { readNewKey, readOverlap } from './key-requests.js';
import { makeKey, rotateKey, stateOf } from './key-ring.js';
import { keysView, keyView } from './key-view.js';
import { seenBy, ViewedBy, type Viewer } from './tenant.js';

@ApiTags('rights')
@Controller('keys')
export class KeysController {
  constructor(
    private readonly store: Store,
    private readonly principals: Principals,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listKeys',
    summary: 'All keys, the newest first; to a key of one tenant, those of that tenant',
    description: 'Without the secret part, which nobody has but who was given it.',
  })
  @ApiQuery(TENANT)
  @ApiResponse({ status: 200, type: wire.KeyList, description: 'The newest 1,000' })
  list(@ViewedBy() { sees }: Viewer): Promise<KeyList> {
    return keysView(this.store, sees);
  }

  @Post()
  @HttpCode(201)
  @ApiOperation({
    operationId: 'createKey',
    summary: 'Make a key',
    description: 'The answer shows it, this once. It is valid at once, for every gateway. A key of one tenant makes keys of that tenant alone.',
  })
  @ApiBody({ type: wire.NewKey })
  @ApiResponse({ status: 201, type: wire.MadeKey, description: 'Made' })
  async create(@Body() body: unknown, @Req() request: FastifyRequest): Promise<MadeKey> {
    return this.madeView(await makeKey(this.store.keys, readNewKey(body, this.store.time.now(), seenBy(request)), principalOf(request.raw).subject));
  }

  @Post(':id/rotate')
  @HttpCode(201)
  @ApiOperation({
    operationId: 'rotateKey',
    summary: 'Make a key with the same rights, and let the former one end',
    description: 'Both are valid until `overlapSeconds` are over: give the new one to its holder meanwhile.',
  })
  @ApiBody({ type: wire.KeyRotation, required: false })
  @ApiResponse({ status: 201, type: wire.MadeKey, description: 'The new key' })
  @ApiResponse({ status: 409, description: 'It is revoked or over' })
  async rotate(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<MadeKey> {
    const overlap = readOverlap(body);
    const former = await this.store.keys.find(known(id), seenBy(request));
    if (!former) throw noSuchKey(id);
    const state = stateOf(former, this.store.time.now());
    if (state !== 'valid') throw new Refusal('state_forbids', `a key that is ${state} cannot be rotated; make a new one`);
    const made = await rotateKey(this.store.keys, former, overlap, principalOf(request.raw).subject);
    await this.principals.refresh();
    return this.madeView(made);
  }

  @Delete(':id')
  @ApiOperation({
    operationId: 'revokeKey',
    summary: 'Revoke a key',
    description: 'It is refused everywhere within 2 s, and its sessions and streams end. Repeating it changes nothing.',
  })
  @ApiResponse({ status: 200, type: wire.KeyView, description: 'Revoked' })
  async revoke(@Param('id') id: string, @Req() request: FastifyRequest): Promise<KeyView> {
    const key = await this.store.keys.revoke(known(id), principalOf(request.raw).subject, seenBy(request));
    if (!key) throw noSuchKey(id);
    await this.principals.refresh();
    return this.view(key);
  }

  private madeView({ key, text }: { key: ApiKey; text: string }): MadeKey {
    return { ...this.view(key), key: text };
  }

  private view(key: ApiKey): KeyView {
    return keyView(key, this.store.time.now());
  }
}

/** Text that can be no id is answered as an unknown key: the database refuses some. */
function known(id: string): string {
  if (!/^[a-z0-9]{1,32}$/.test(id)) throw noSuchKey(id);
  return id;
}

function noSuchKey(id: string): Refusal {
  return new Refusal('not_found', `there is no key ${JSON.stringify(id.slice(0, 100))}; GET /keys lists them`);
}
