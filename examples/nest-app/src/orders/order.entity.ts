import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('orders')
export class Order {
  @PrimaryGeneratedColumn() id!: number;
  @Column('text') customer!: string;
  @Column({ type: 'timestamptz', name: 'ordered_at', default: () => 'now()' }) orderedAt!: Date;
  @Column({ type: 'timestamptz', name: 'invoiced_at', nullable: true }) invoicedAt!: Date | null;
}
