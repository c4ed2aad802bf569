import { ApiProperty } from './documented.js';
import { Time } from './fields.js';

/** What a ticket is wanted for. */
export class NewStreamTicket {
  @ApiProperty({
    maxLength: 1_000,
    example: '/jobs/events?kind=csv.import',
    description:
      'The path of a stream with its filter: /jobs/events, /jobs/<id>/events, /stats/stream, /webhooks/stream, /streams/schedules, /streams/dead-letters, /streams/audit, /streams/keys or /ws. The ticket opens no other',
  })
  url!: string;
}

/** A ticket that was just made. Its text is stored nowhere. */
export class StreamTicket {
  @ApiProperty({ example: 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA' })
  ticket!: string;

  @ApiProperty({ example: '/jobs/events?kind=csv.import&ticket=q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA', description: 'What the browser opens' })
  url!: string;

  @Time()
  expiresAt!: string;
}
