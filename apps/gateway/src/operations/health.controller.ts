import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { GatewayService } from '../gateway.service.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly gateway: GatewayService) {}

  @Get('live')
  @ApiOperation({ summary: 'The process runs' })
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Submissions can be accepted: the database answers. Without the broker they can; it shows in broker.' })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const health = await this.gateway.health();
    void reply.code(health.status === 'ok' ? 200 : 503).header('cache-control', 'no-store');
    return health;
  }
}
