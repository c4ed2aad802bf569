import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { Scope, StreamTicket } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { Refusal } from '@app/core';
import { allows, newSessionToken, Store } from '@app/host';
import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { bodyFields } from '../http/body-fields.js';
import { principalOf } from './caller.js';
import { credentialsOf } from './credentials.js';
import { operationOf } from './operations.js';
import { readStreamTarget, withTicket } from './stream-target.js';
import { StreamTickets, TICKET_SECONDS } from './stream-tickets.js';

@ApiTags('events')
@Controller('events')
export class StreamTicketsController {
  constructor(
    private readonly tickets: StreamTickets,
    private readonly store: Store,
  ) {}

  @Post('tickets')
  @HttpCode(201)
  @ApiOperation({
    operationId: 'createStreamTicket',
    summary: 'Get a ticket with which a browser opens a stream',
    description:
      'For EventSource and WebSocket, which send no Authorization header. It opens the one stream of `url`, once, within 30 s, with the rights of who asks. A connection that breaks needs a new one. Where AUTH is off it is not looked at.',
  })
  @ApiBody({ type: wire.NewStreamTicket, examples: { kind: { value: { url: '/jobs/events?kind=csv.import' } } } })
  @ApiResponse({ status: 201, type: wire.StreamTicket, description: 'Made' })
  async create(@Body() body: unknown, @Req() request: FastifyRequest): Promise<StreamTicket> {
    const { url } = bodyFields(body, ['url']);
    const { text, route } = readStreamTarget(url);
    const principal = principalOf(request.raw);
    const { needs, ofInstallation } = operationOf('GET', route);
    // Said here, because a browser does not tell its page why a stream was refused.
    if (!allows(principal, needs as Scope)) throw new Refusal('insufficient_scope', `expected the scope ${needs}, which this stream needs`);
    if (ofInstallation && principal.tenant !== null)
      throw new Refusal('insufficient_scope', 'expected a caller for all tenants, because this stream is of the whole installation');
    const credentials = credentialsOf(request.headers);
    const { ticket, expiresAt } = credentials
      ? await this.tickets.issue(credentials, principal, text)
      : { ticket: newSessionToken().text, expiresAt: new Date(this.store.time.now() + TICKET_SECONDS * 1_000) };
    return { ticket, url: withTicket(url as string, ticket), expiresAt: expiresAt.toISOString() };
  }
}
