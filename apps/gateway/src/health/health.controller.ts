import { ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { LiveView, ReadyView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { Admission } from '@app/core';
import { CONFIG } from '@app/host';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../gateway.config.js';
import { GatewayService } from '../modes/gateway.service.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly gateway: GatewayService,
    private readonly admission: Admission,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Get('live')
  @ApiOperation({ operationId: 'live', description: 'For orchestrators: without an answer the process is to be replaced.', summary: 'The process runs' })
  @ApiResponse({ status: 200, type: wire.LiveView, description: 'It does' })
  live(): LiveView {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    operationId: 'ready',
    summary: 'The database answers, so requests can be served. Without the broker they can; it shows in broker and reason.',
    description:
      "A gateway that has never had its broker is `unavailable` (503): `reason` says why, with the broker's own text. " +
      '`overloaded` is 200: submissions are refused with Retry-After, everything else is served. Most limits are of the whole system, so 503 would take all ' +
      'gateways out of their load balancer at once, and callers would lose their results, and the answers that tell them when to come back.',
  })
  @ApiResponse({ status: 200, type: wire.ReadyView, description: 'Requests are served' })
  @ApiResponse({ status: 503, type: wire.ReadyView, description: 'They are not' })
  async ready(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<ReadyView> {
    const { reason, ...health } = await this.gateway.health();
    // This is answered under any host name, so a page that uses DNS rebinding can read it. It must not contain internal names.
    const ours = this.config.web.hosts(request.headers.host ?? '') === 'allowed';
    const exceeded = this.admission.exceeded().map(({ queue, ...limit }) => ({ ...limit, ...(ours && queue !== undefined ? { queue } : {}) }));
    void reply.code(health.status === 'ok' ? 200 : 503).header('cache-control', 'no-store');
    return {
      ...health,
      ...(ours && reason !== undefined ? { reason } : {}),
      status: health.status === 'ok' && exceeded.length > 0 ? 'overloaded' : health.status,
      exceeded,
    };
  }
}
