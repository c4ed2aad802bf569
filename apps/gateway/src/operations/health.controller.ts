import { Admission } from '@app/core';
import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { GatewayService } from '../gateway.service.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly gateway: GatewayService,
    private readonly admission: Admission,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'The process runs' })
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    summary: 'The database answers, so requests can be served. Without the broker they can; it shows in broker.',
    description:
      '`overloaded` is 200: submissions are refused with Retry-After, everything else is served. Most limits are of the whole system, so 503 would take all ' +
      'gateways out of their load balancer at once, and callers would lose their results, and the answers that tell them when to come back.',
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const health = await this.gateway.health();
    const exceeded = this.admission.exceeded();
    void reply.code(health.status === 'ok' ? 200 : 503).header('cache-control', 'no-store');
    return { ...health, status: health.status === 'ok' && exceeded.length > 0 ? 'overloaded' : health.status, exceeded };
  }
}
