import type { WebhooksNow } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { Store, withoutUndefined } from '@app/host';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiQuery, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LIMIT, TENANT } from '../api-docs/parameters.js';
import { SharedLooks } from '../events/shared-looks.js';
import { StreamDoor } from '../events/stream-door.js';
import { ListTurns } from '../http/list-turns.js';
import { QueryReader } from '../jobs/list-query.js';
import { ofSeen, ViewedBy, type Viewer } from '../rights/tenant.js';
import { unavailableView } from '../stats/stats-view.js';
import { deliveryView, endpointView } from './webhook-views.js';

const STREAM = {
  'text/event-stream': {
    schema: {
      type: 'string',
      description: 'Events `webhooks`, with JSON of `WebhooksNow`, and `unavailable`, with JSON of `StatsUnavailable`',
      contentMediaType: 'text/event-stream',
      contentSchema: { anyOf: [{ $ref: getSchemaPath(wire.WebhooksNow) }, { $ref: getSchemaPath(wire.StatsUnavailable) }] },
    } as { type: 'string' },
  },
};

@ApiTags('webhooks')
@ApiExtraModels(wire.WebhooksNow, wire.StatsUnavailable)
@Controller('webhooks/stream')
export class WebhookStreamController {
  constructor(
    private readonly store: Store,
    private readonly door: StreamDoor,
    private readonly looks: SharedLooks,
    private readonly lists: ListTurns,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'streamWebhooks',
    summary: 'All receivers and the newest deliveries, now and when they change, as server-sent events',
    description: 'A gateway looks each two seconds, once for all who ask for the same, and not at all while nobody does.',
  })
  @ApiQuery({ name: 'state', required: false, enum: wire.DELIVERY_STATES, enumName: 'DeliveryState' })
  @ApiQuery({ name: 'endpoint', required: false, description: 'Deliveries to this receiver', schema: { type: 'string', format: 'uuid' } })
  @ApiQuery(TENANT)
  @ApiQuery(LIMIT)
  @ApiResponse({ status: 200, description: 'The stream; it has no end', content: STREAM })
  @ApiResponse({ status: 429, description: 'This client, or this tenant, has as many streams open as one may have' })
  async stream(@Query() query: Record<string, unknown>, @ViewedBy() viewer: Viewer, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const reader = QueryReader.tolerant(query, ['endpoint', 'state', 'tenant', 'limit'], []);
    const filter = { ...withoutUndefined({ endpointId: reader.id('endpoint'), state: reader.oneOf('state', wire.DELIVERY_STATES) }), limit: reader.limit() };
    this.door.admit(request);
    let leave = (): void => undefined;
    const stream = await this.door.open(request, reply, () => undefined, () => leave()); // prettier-ignore
    if (request.method === 'HEAD' || reply.raw.destroyed || reply.raw.writableEnded) return;
    // Callers of one tenant see the same; those for all tenants see whose each is, too.
    const { sees, whose } = viewer;
    const key = JSON.stringify(['webhooks', sees, whose({ tenant: '' }), filter]);
    leave = this.looks.read({ key, name: 'webhooks', look: () => this.look(filter, viewer), away: unavailableView }, stream);
  }

  private async look(filter: { limit: number }, { sees, whose }: Viewer): Promise<WebhooksNow> {
    const [endpoints, { items, nextCursor }] = await Promise.all([
      this.store.webhookEndpoints.all(sees),
      this.lists.take(() => this.store.webhookDeliveries.list({ ...filter, ...ofSeen(sees) })),
    ]);
    const now = this.store.time.now();
    return {
      endpoints: endpoints.map((endpoint) => ({ ...endpointView(endpoint, now), ...whose(endpoint) })),
      deliveries: { items: items.map((delivery) => ({ ...deliveryView(delivery), ...whose(delivery) })), nextCursor },
    };
  }
}
