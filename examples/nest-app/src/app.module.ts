import { Module } from '@nestjs/common';
import { LonghaulModule } from 'longhaul/nest';
import { DATABASE_URL, DatabaseModule } from './database.module.js';
import { OrdersModule } from './orders/orders.module.js';

const amqpUrl = process.env['AMQP_URL'];

@Module({
  imports: [
    DatabaseModule,
    // Submits, and runs the jobs in this process too. Without RabbitMQ they come out of PostgreSQL.
    LonghaulModule.forRoot({ database: { url: DATABASE_URL }, broker: amqpUrl ? { url: amqpUrl } : 'none', run: true }),
    OrdersModule,
  ],
})
export class AppModule {}
