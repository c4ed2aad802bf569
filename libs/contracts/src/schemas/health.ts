import { ApiProperty, ApiPropertyOptional } from './documented.js';
import { ExceededLimit } from './problem.js';

/** The answer of a process that runs. */
export class LiveView {
  @ApiProperty({ enum: ['ok'] })
  status!: 'ok';
}

/** Whether requests can be served, and why not. */
export class ReadyView {
  @ApiProperty({ enum: ['ok', 'overloaded', 'unavailable'], description: '`overloaded`: submissions are refused, everything else is served' })
  status!: 'ok' | 'overloaded' | 'unavailable';

  @ApiProperty({ enum: ['up', 'down'] })
  database!: 'up' | 'down';

  @ApiProperty({ enum: ['up', 'down', 'blocked', 'none'], description: '`none`: the gateway runs its jobs itself' })
  broker!: 'up' | 'down' | 'blocked' | 'none';

  @ApiPropertyOptional({ description: "Why the broker is not up, with the broker's own text; only to callers that name the gateway as the operator does" })
  reason?: string;

  @ApiProperty({ type: () => [ExceededLimit], description: 'The limits that are reached now' })
  exceeded!: ExceededLimit[];
}
