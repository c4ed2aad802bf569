import { ApiQuery, ApiTags } from '@app/contracts/schemas';
import type { WebhooksNow } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { Store, withoutUndefined } from '@app/host';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LIMIT, TENANT } from '../api-docs/parameters.js';
import { LookDoor } from '../events/look-door.js';
import { DescribedLook } from '../events/look-docs.js';
import { ListTurns } from '../http/list-turns.js';
import { QueryReader } from '../jobs/list-query.js';
import { ofSeen, ViewedBy, type Viewer } from '../rights/tenant.js';
import { deliveryView, endpointView } from './webhook-views.js';

@ApiTags('webhooks')
@Controller('webhooks/stream')
export class WebhookStreamController {
  constructor(
    private readonly store: Store,
    private readonly door: LookDoor,
    private readonly lists: ListTurns,
  ) {}

  @Get()
  @DescribedLook('webhooks', wire.WebhooksNow, { operationId: 'streamWebhooks', shows: 'All receivers and the newest deliveries' })
  @ApiQuery({ name: 'state', required: false, enum: wire.DELIVERY_STATES, enumName: 'DeliveryState' })
  @ApiQuery({ name: 'endpoint', required: false, description: 'Deliveries to this receiver', schema: { type: 'string', format: 'uuid' } })
  @ApiQuery(TENANT)
  @ApiQuery(LIMIT)
  async stream(@Query() query: Record<string, unknown>, @ViewedBy() viewer: Viewer, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const reader = QueryReader.tolerant(query, ['endpoint', 'state', 'tenant', 'limit'], []);
    const filter = { ...withoutUndefined({ endpointId: reader.id('endpoint'), state: reader.oneOf('state', wire.DELIVERY_STATES) }), limit: reader.limit() };
    // Callers of one tenant see the same; those for all tenants see whose each is, too.
    const seenAs = [viewer.sees, viewer.whose({ tenant: '' }), filter];
    await this.door.open(request, reply, seenAs, { name: 'webhooks', look: () => this.look(filter, viewer) });
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
