import { ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { TenantQuotas } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { Controller, Get } from '@nestjs/common';
import { OfTenant } from '../rights/tenant.js';
import { QuotasOfTenants } from './tenant-quotas.js';

@ApiTags('tenants')
@Controller('quotas')
export class QuotasController {
  constructor(private readonly quotas: QuotasOfTenants) {}

  @Get()
  @ApiOperation({
    operationId: 'getQuotas',
    summary: 'What the tenant of the key may have, and what it has',
    description: 'Any key of the tenant may ask. To a key for all tenants, those of `default`.',
  })
  @ApiResponse({ status: 200, type: wire.TenantQuotas, description: 'Each quota' })
  own(@OfTenant() tenant: string): Promise<TenantQuotas> {
    return this.quotas.view(tenant);
  }
}
