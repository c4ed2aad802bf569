import { Module } from '@nestjs/common';
import { BoundsModule } from '../http/bounds.module.js';
import { QuotasController } from './quotas.controller.js';
import { QuotasOfTenants } from './tenant-quotas.js';
import { TenantsController } from './tenants.controller.js';

@Module({ imports: [BoundsModule], controllers: [QuotasController, TenantsController], providers: [QuotasOfTenants] })
export class QuotasModule {}
