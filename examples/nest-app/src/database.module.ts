import { Global, Module } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { Order } from './orders/order.entity.js';

export const DATABASE_URL = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/longhaul';

class CreateOrders1764288000000 {
  up = (runner: QueryRunner) =>
    runner.query('CREATE TABLE orders (id serial PRIMARY KEY, customer text NOT NULL, ordered_at timestamptz NOT NULL DEFAULT now(), invoiced_at timestamptz)');
  down = (runner: QueryRunner) => runner.query('DROP TABLE orders');
}

/** The application's own tables, in the database that Longhaul's are in: so one transaction has both. */
@Global()
@Module({
  providers: [
    {
      provide: DataSource,
      useFactory: () =>
        new DataSource({ type: 'postgres', url: DATABASE_URL, entities: [Order], migrations: [CreateOrders1764288000000], migrationsRun: true }).initialize(),
    },
  ],
  exports: [DataSource],
})
export class DatabaseModule {}
