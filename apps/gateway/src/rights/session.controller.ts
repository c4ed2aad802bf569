import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { SessionView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { Refusal } from '@app/core';
import { CONFIG, type Principal } from '@app/host';
import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../gateway.config.js';
import { bodyFields } from '../http/body-fields.js';
import { clientOfRequest } from '../http/client-of.js';
import { BrowserSessions } from './browser-sessions.js';
import { principalOf } from './caller.js';
import { SignIns } from './sign-ins.js';

@ApiTags('rights')
@Controller('session')
export class SessionController {
  constructor(
    private readonly sessions: BrowserSessions,
    private readonly signIns: SignIns,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'getSession',
    summary: 'Who these credentials are, and what they may do',
    description: 'Without AUTH everybody is `local`, and may do everything.',
  })
  @ApiResponse({ status: 200, type: wire.SessionView, description: 'Who it is' })
  read(@Req() request: FastifyRequest): SessionView {
    return this.view(principalOf(request.raw));
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'openSession',
    summary: 'Open a session for a browser, with a key',
    description:
      'It is kept in a cookie that no script can read, ends after 8 hours, and sooner when nobody used it for 30 minutes. A request that changes something needs the header X-Requested-By beside it.',
  })
  @ApiBody({ type: wire.SessionRequest })
  @ApiResponse({ status: 200, type: wire.SessionView, description: 'Open' })
  @ApiResponse({ status: 401, description: 'The key is unknown, revoked or over' })
  @ApiResponse({ status: 429, description: 'This client has shown too many keys that are not valid' })
  async open(@Body() body: unknown, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<SessionView> {
    const { key } = bodyFields(body, ['key']);
    if (typeof key !== 'string') throw new Refusal('invalid_payload', 'expected a key', [{ pointer: '/key', detail: 'must be an API key' }]);
    const shown = { bearer: key.trim() };
    const principal = this.signIns.known(shown) ?? (await this.signIns.of(shown, clientOfRequest(request.raw)));
    // A session rests on the row of a key.
    if (principal?.via !== 'key') throw new Refusal('unauthenticated', 'expected a valid key, got one that is unknown, revoked or over');
    const until = await this.sessions.open(request, reply, principal, { keyId: principal.subject.slice('key:'.length) });
    return this.view({ ...principal, via: 'session', until: Math.min(until.getTime(), principal.until ?? Infinity) });
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({
    operationId: 'closeSession',
    summary: 'Close the session of the cookie',
    description: 'Its streams end. Its key stays valid, and so does the account at an identity provider.',
  })
  @ApiResponse({ status: 204, description: 'Closed' })
  async close(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.sessions.close(request, reply);
  }

  private view({ tenant, subject, name, via, scopes, kinds, until }: Principal): SessionView {
    return {
      auth: this.config.rights.auth,
      tenant,
      subject,
      name,
      via,
      scopes: [...scopes],
      kinds: kinds && [...kinds],
      until: until === null ? null : new Date(until).toISOString(),
      reasonsRequired: [...this.config.reasonsRequired],
    };
  }
}
