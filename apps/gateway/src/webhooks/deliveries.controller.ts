import { ApiBody, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { DeliveryDetail, DeliveryPage, DeliveryView, Refused, Replayed } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { type DeliveryFilter, isUuid, type JobId, Refusal, type WebhookDelivery, type Sees } from '@app/core';
import { ReplayDeliveries } from '@app/notifications';
import { Store, withoutUndefined } from '@app/host';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CURSOR, LIMIT, TENANT } from '../api-docs/parameters.js';
import { ListTurns } from '../http/list-turns.js';
import { bodyConditions } from '../http/body-fields.js';
import { QueryReader } from '../jobs/list-query.js';
import { deliveryView } from './webhook-views.js';
import { ofSeen, SeenBy, ViewedBy, type Viewer } from '../rights/tenant.js';

const FILTERS = ['endpoint', 'job', 'state', 'since', 'until'];
/** How many deliveries one bulk call replays at most; call it again for more. */
const BULK_LIMIT = 1_000;
/** How many of them go at once: each is a transaction, and one after the other they would take seconds. */
const AT_ONCE = 8;

@ApiTags('webhooks')
@Controller('webhooks/deliveries')
export class WebhookDeliveriesController {
  constructor(
    private readonly store: Store,
    private readonly replayDeliveries: ReplayDeliveries,
    private readonly lists: ListTurns,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listWebhookDeliveries',
    summary: 'What was sent and what came of it, newest first',
    description: 'A page may have fewer items than `limit`, or none, and yet a `nextCursor`.',
  })
  @ApiQuery({ name: 'state', required: false, enum: wire.DELIVERY_STATES, enumName: 'DeliveryState' })
  @ApiQuery({ name: 'endpoint', required: false, description: 'To this receiver', schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({ name: 'job', required: false, description: 'Of this job', schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({ name: 'since', required: false, type: String, description: 'Made at or after this time: a date, or RFC 3339', example: '2026-01-31T08:00:00Z' })
  @ApiQuery({ name: 'until', required: false, type: String, description: 'Made before this time', example: '2026-02-01' })
  @ApiQuery(TENANT)
  @ApiQuery(CURSOR)
  @ApiQuery(LIMIT)
  @ApiResponse({ status: 200, type: wire.DeliveryPage, description: 'A page of the list' })
  async list(@Query() query: Record<string, unknown>, @ViewedBy() { sees, whose }: Viewer): Promise<DeliveryPage> {
    const reader = new QueryReader(query, [...FILTERS, 'tenant', 'cursor', 'limit']);
    const filter = { ...filterOf(reader), ...ofSeen(sees), limit: reader.limit() };
    const { items, nextCursor } = await this.lists.take(() => this.store.webhookDeliveries.list(filter));
    return { items: items.map((delivery) => ({ ...deliveryView(delivery), ...whose(delivery) })), nextCursor };
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getWebhookDelivery',
    description: 'An attempt has the status and the beginning of the answer, or why there was none.',
    summary: 'One delivery, with the text that is sent and each attempt with its answer',
  })
  @ApiResponse({ status: 200, type: wire.DeliveryDetail, description: 'The delivery' })
  async find(@Param('id') id: string, @ViewedBy() { sees, whose }: Viewer): Promise<DeliveryDetail> {
    const delivery = await this.delivery(id, sees);
    return { ...deliveryView(delivery), ...whose(delivery), body: delivery.body };
  }

  @Post('replay')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'replayWebhookDeliveries',
    summary: 'Send again all that match {endpoint, job, state, since, until}, up to 1000',
    description: 'state is failed when left out. The same bodies under the same webhook-id.',
  })
  @ApiBody({ type: wire.ReplayFilter, required: false })
  @ApiResponse({ status: 202, type: wire.Replayed, description: 'What became of them' })
  async replayAll(@Body() body: unknown, @SeenBy() sees: Sees): Promise<Replayed> {
    const filter = { state: 'failed' as const, ...filterOf(new QueryReader(bodyConditions(body, FILTERS), FILTERS)), ...ofSeen(sees), limit: BULK_LIMIT };
    const items = await this.matching(filter);
    const refused: Refused[] = [];
    const waiting = [...items];
    const replay = async (): Promise<void> => {
      for (let delivery = waiting.shift(); delivery; delivery = waiting.shift()) {
        try {
          await this.replayDeliveries.replay(delivery);
        } catch (error) {
          if (!(error instanceof Refusal) || error.code !== 'state_forbids') throw error;
          refused.push({ id: delivery.id, detail: error.message });
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, replay));
    return { replayed: items.length - refused.length, refused };
  }

  @Post(':id/replay')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'replayWebhookDelivery',
    description: 'A receiver that goes by webhook-id sees that it has it already. One that is on its way is left alone.',
    summary: 'Send one again, now: the same body under the same webhook-id',
  })
  @ApiResponse({ status: 202, type: wire.DeliveryView, description: 'On its way' })
  async replay(@Param('id') id: string, @SeenBy() sees: Sees): Promise<DeliveryView> {
    try {
      await this.replayDeliveries.replay(await this.delivery(id, sees));
    } catch (error) {
      // Another call has replayed it at the same moment, so it is being delivered.
      if (!(error instanceof Refusal) || error.code !== 'state_forbids') throw error;
    }
    return deliveryView(await this.delivery(id, sees));
  }

  /** The newest matching deliveries, up to the limit. It reads several pages, because one page may have few although more exist. */
  private async matching(filter: DeliveryFilter): Promise<WebhookDelivery[]> {
    const found: WebhookDelivery[] = [];
    for (let cursor: string | null | undefined; cursor !== null && found.length < filter.limit;) {
      const page = await this.store.webhookDeliveries.list({ ...filter, limit: filter.limit - found.length, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.items);
      cursor = page.nextCursor;
    }
    return found;
  }

  private async delivery(id: string, sees: Sees): Promise<WebhookDelivery> {
    const delivery = isUuid(id) ? await this.store.webhookDeliveries.find(id, sees) : null;
    if (!delivery) throw new Refusal('not_found', `there is no delivery ${JSON.stringify(id.slice(0, 100))}`);
    return delivery;
  }
}

function filterOf(reader: QueryReader): Omit<DeliveryFilter, 'limit'> {
  return withoutUndefined({
    endpointId: reader.id('endpoint'),
    jobId: reader.id('job') as JobId | undefined,
    state: reader.oneOf('state', wire.DELIVERY_STATES),
    since: reader.time('since'),
    until: reader.time('until'),
    cursor: reader.cursor(),
  });
}
