import { ApiBody, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { KindList, KindPause } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { isOwnKind, nearest, Refusal } from '@app/core';
import { Store } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { pauseView, readPauseNote } from '../http/pause-note.js';
import { kindViews, NOT_PAUSED } from './kind-view.js';

@ApiTags('kinds')
@Controller('kinds')
export class KindsController {
  constructor(
    private readonly registry: HandlerRegistry,
    private readonly store: Store,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listKinds',
    description: 'The policy of a kind holds for its jobs unless their options say otherwise.',
    summary: 'The kinds that can be submitted, with the JSON Schema of their payloads',
  })
  @ApiOkResponse({ type: wire.KindList, description: 'All of them' })
  async list(): Promise<KindList> {
    return { items: kindViews(this.registry, await this.store.pauses.pauses()) };
  }

  @Post(':kind/pause')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'pauseKind',
    description: 'Submissions go on, and wait. Repeated, it keeps its time; who and why become those of the repeat, where it has them.',
    summary: 'No job of this kind is started any more, within a second; running ones go on',
  })
  @ApiBody({ type: wire.PauseNote, required: false })
  @ApiResponse({ status: 200, type: wire.KindPause, description: 'Paused' })
  async pause(@Param('kind') kind: string, @Body() body: unknown): Promise<KindPause> {
    const note = readPauseNote(body);
    if (!this.isKnown(kind)) throw this.noSuchKind(kind);
    const pause = await this.store.pauses.pause(kind, note);
    await this.store.paused.changed();
    return { kind, ...pauseView(pause) };
  }

  @Post(':kind/resume')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'resumeKind',
    description: 'Repeating it changes nothing. A kind that was paused and is not registered any more can be resumed too.',
    summary: 'Jobs of this kind are started again',
  })
  @ApiResponse({ status: 200, type: wire.KindPause, description: 'Resumed' })
  async resume(@Param('kind') kind: string): Promise<KindPause> {
    const resumed = !kind.includes('\u0000') && (await this.store.pauses.resume(kind));
    if (!resumed && !this.isKnown(kind)) throw this.noSuchKind(kind);
    await this.store.paused.changed();
    return { kind, ...pauseView(NOT_PAUSED) };
  }

  @Delete(':kind/pause')
  @ApiOperation({
    operationId: 'deleteKindPause',
    description: 'The same as `POST /kinds/{kind}/resume`.',
    summary: 'Take away the pause of a kind: its jobs are started again',
  })
  @ApiResponse({ status: 200, type: wire.KindPause, description: 'Resumed' })
  unpause(@Param('kind') kind: string): Promise<KindPause> {
    return this.resume(kind);
  }

  private isKnown(kind: string): boolean {
    return !isOwnKind(kind) && this.registry.policy(kind) !== undefined;
  }

  private noSuchKind(kind: string): Refusal {
    const known = this.registry.names().filter((name) => !isOwnKind(name));
    const near = kind.length <= 100 ? nearest(kind, known) : undefined;
    const hint = near ? `did you mean ${near}?` : 'GET /kinds lists them';
    return new Refusal('not_found', `there is no kind ${JSON.stringify(kind.slice(0, 100))}; ${hint}`);
  }
}
