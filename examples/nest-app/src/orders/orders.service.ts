import { Injectable } from '@nestjs/common';
import { Jobs } from 'longhaul';
import { DataSource } from 'typeorm';
import { Order } from './order.entity.js';
import { SendInvoice } from './send-invoice.job.js';

@Injectable()
export class OrdersService {
  constructor(
    private readonly jobs: Jobs,
    private readonly dataSource: DataSource,
  ) {}

  /** The order and the job that sends its invoice: both or neither. */
  order(customer: string): Promise<Order> {
    return this.dataSource.transaction(async (transaction) => {
      const order = await transaction.save(Order, { customer });
      await this.jobs.submit(SendInvoice, { order: order.id }, { transaction, idempotencyKey: `invoice ${order.id}` });
      // What throws from here on takes the job with it.
      if (customer.trim() === '') throw new Error('expected the name of a customer, got none');
      return order;
    });
  }

  find(id: number): Promise<Order | null> {
    return this.dataSource.manager.findOneBy(Order, { id });
  }
}
