import { ApiBody, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { EndpointList, EndpointView, EndpointWithSecret, WebhookTest } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { ALL_TENANTS, type EndpointSettings, isUuid, Refusal, type Sees, uuidv7, type WebhookEndpoint } from '@app/core';
import { newWebhookSecret, NOTIFICATIONS_CONFIG, type NotificationsConfig, TestEndpoint } from '@app/notifications';
import { Store } from '@app/host';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post } from '@nestjs/common';
import { TENANT } from '../api-docs/parameters.js';
import { EndpointChangesDto, EndpointDto, readEndpoint, readRotation, RotateSecretDto } from './endpoint.dto.js';
import { endpointView, webhookTest } from './webhook-views.js';
import { OfTenant, SeenBy, ViewedBy, type Viewer } from '../rights/tenant.js';

@ApiTags('webhooks')
@Controller('webhooks/endpoints')
export class EndpointsController {
  constructor(
    private readonly store: Store,
    private readonly tests: TestEndpoint,
    @Inject(NOTIFICATIONS_CONFIG) private readonly config: NotificationsConfig,
  ) {}

  @Post()
  @ApiOperation({ operationId: 'createWebhookEndpoint', summary: 'Register a receiver of outcomes', description: 'The answer shows its secret, this once.' })
  @ApiBody({ type: EndpointDto })
  @ApiResponse({ status: 201, type: wire.EndpointWithSecret, description: 'Registered' })
  @ApiResponse({ status: 422, description: 'Not valid, an address of the inner network, or one more than MAX_WEBHOOK_ENDPOINTS' })
  async create(@Body() body: unknown, @OfTenant() tenant: string, @SeenBy() sees: Sees): Promise<EndpointWithSecret> {
    const { settings, enabled, secret = newWebhookSecret() } = readEndpoint(body, this.config.webhooks, true);
    const forAlerts = namesAlerts(settings, sees);
    const all = { url: '', description: '', events: [], kinds: [], tags: [], ...settings };
    const made = await this.store.webhookEndpoints.create(uuidv7(), all, secret, forAlerts ? ALL_TENANTS : tenant);
    const endpoint = enabled === false ? this.found(made.id, await this.store.webhookEndpoints.update(made.id, {}, false)) : made;
    return { ...this.view(endpoint), secret };
  }

  @Get()
  @ApiOperation({
    operationId: 'listWebhookEndpoints',
    description: 'Without their secrets: they are shown when they are made, once.',
    summary: 'All receivers, oldest first',
  })
  @ApiQuery(TENANT)
  @ApiResponse({ status: 200, type: wire.EndpointList, description: 'All of them' })
  async list(@ViewedBy() { sees, whose }: Viewer): Promise<EndpointList> {
    return { items: (await this.store.webhookEndpoints.all(sees)).map((endpoint) => ({ ...this.view(endpoint), ...whose(endpoint) })) };
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getWebhookEndpoint',
    description: '`disabledReason` says why it was disabled, such as an answer of 410.',
    summary: 'One receiver',
  })
  @ApiResponse({ status: 200, type: wire.EndpointView, description: 'The receiver' })
  async find(@Param('id') id: string, @ViewedBy() { sees, whose }: Viewer): Promise<EndpointView> {
    const endpoint = this.found(id, await this.store.webhookEndpoints.find(endpointId(id), sees));
    return { ...this.view(endpoint), ...whose(endpoint) };
  }

  @Patch(':id')
  @ApiOperation({
    operationId: 'updateWebhookEndpoint',
    summary: 'Change a receiver; what is left out stays',
    description: 'Also what is on its way goes to a new URL.',
  })
  @ApiBody({ type: EndpointChangesDto })
  @ApiResponse({ status: 200, type: wire.EndpointView, description: 'As it is now' })
  async update(@Param('id') id: string, @Body() body: unknown, @SeenBy() sees: Sees): Promise<EndpointView> {
    const { settings, enabled } = readEndpoint(body, this.config.webhooks, false);
    namesAlerts(settings, sees);
    return this.view(this.found(id, await this.store.webhookEndpoints.update(endpointId(id), settings, enabled, sees)));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteWebhookEndpoint',
    description: 'Its deliveries stay until they are removed by age.',
    summary: 'Remove a receiver; what is on its way to it is dropped, its deliveries stay on the list',
  })
  @ApiResponse({ status: 204, description: 'Removed' })
  async remove(@Param('id') id: string, @SeenBy() sees: Sees): Promise<void> {
    if (!(await this.store.webhookEndpoints.remove(endpointId(id), sees))) throw noSuchEndpoint(id);
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'rotateWebhookSecret',
    summary: 'A new secret; the former one signs too for graceSeconds',
    description: 'The answer shows the new one, this once.',
  })
  @ApiBody({ type: RotateSecretDto, required: false })
  @ApiResponse({ status: 200, type: wire.EndpointWithSecret, description: 'Rotated' })
  async rotateSecret(@Param('id') id: string, @Body() body: unknown, @SeenBy() sees: Sees): Promise<EndpointWithSecret> {
    const { secret = newWebhookSecret(), graceSeconds } = readRotation(body);
    const endpoint = this.found(id, await this.store.webhookEndpoints.rotateSecret(endpointId(id), secret, graceSeconds, sees));
    return { ...this.view(endpoint), secret };
  }

  @Post(':id/test')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'testWebhookEndpoint',
    summary: 'Send a receiver one signed test event now, and say what it answered',
    description:
      'Also to one that is disabled. `webhook.test` tells of no job, is never sent again and is no delivery: an answer of 410 disables nothing. ' +
      'The answer comes when the receiver has answered, or after WEBHOOK_TIMEOUT_SECONDS.',
  })
  @ApiResponse({ status: 200, type: wire.WebhookTest, description: 'Tried; `delivered` says whether it came, `reason` and `attempt.error` why not' })
  @ApiResponse({ status: 409, description: 'A test of this receiver is under way' })
  async test(@Param('id') id: string, @SeenBy() sees: Sees): Promise<WebhookTest> {
    return webhookTest(await this.tests.test(this.found(id, await this.store.webhookEndpoints.find(endpointId(id), sees))));
  }

  private view(endpoint: WebhookEndpoint): EndpointView {
    return endpointView(endpoint, this.store.time.now());
  }

  private found(id: string, endpoint: WebhookEndpoint | null): WebhookEndpoint {
    if (!endpoint) throw noSuchEndpoint(id);
    return endpoint;
  }
}

/** Whether it is to hear of alerts. They are of the whole installation: refuses that to a caller of one tenant. */
function namesAlerts({ events = [] }: Partial<EndpointSettings>, sees: Sees): boolean {
  const index = events.findIndex((event) => (wire.ALERT_EVENTS as readonly string[]).includes(event));
  if (index < 0) return false;
  if (sees === null) return true;
  const detail = `must not be ${events[index] ?? ''}: alerts belong to the whole installation, and a key for all tenants can ask for them`;
  throw new Refusal('invalid_payload', 'the endpoint is not valid', [{ pointer: `/events/${index}`, detail }]);
}

/** Reads the id of an endpoint. Text that is no UUID is answered as an unknown endpoint. */
function endpointId(id: string): string {
  if (!isUuid(id)) throw noSuchEndpoint(id);
  return id;
}

function noSuchEndpoint(id: string): Refusal {
  return new Refusal('not_found', `there is no endpoint ${JSON.stringify(id.slice(0, 100))}`);
}
