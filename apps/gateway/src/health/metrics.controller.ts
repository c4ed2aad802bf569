import { ApiOkResponse, ApiOperation, ApiTags } from '@app/contracts/schemas';
import { PrometheusMetrics } from '@app/host';
import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: PrometheusMetrics) {}

  @Get()
  @ApiOperation({
    operationId: 'metrics',
    description: 'docs/reference/metrics.md says what each figure means.',
    summary: "This gateway's metrics, in Prometheus' text format",
  })
  @ApiOkResponse({ description: 'One figure a line', content: { 'text/plain': { schema: { type: 'string' } } } })
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.metrics.contentType).header('cache-control', 'no-store');
    return this.metrics.textOfAll();
  }
}
