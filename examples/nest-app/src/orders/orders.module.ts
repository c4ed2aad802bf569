import { Module } from '@nestjs/common';
import { LonghaulModule } from 'longhaul/nest';
import { InvoiceMailer } from './invoice-mailer.js';
import { OrdersController } from './orders.controller.js';
import { OrdersService } from './orders.service.js';
import { SendInvoice } from './send-invoice.job.js';

/** The handler gets what this module has. */
@Module({
  imports: [LonghaulModule.forFeature([SendInvoice])],
  controllers: [OrdersController],
  providers: [OrdersService, InvoiceMailer],
})
export class OrdersModule {}
