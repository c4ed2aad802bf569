import { ApiProperty, ApiPropertyOptional } from './documented.js';
import { Count, EXAMPLE, Link, LinkOptional, TextOrNull, Time } from './fields.js';

/** Which jobs a limit is for: those that fit all that is named; `{}` is for every job. */
export class LimitMatchView {
  @ApiPropertyOptional({ example: EXAMPLE.kind, description: 'A kind, or a prefix such as `report.*`' })
  kind?: string;

  @ApiPropertyOptional({ example: EXAMPLE.queue })
  queue?: string;

  @ApiPropertyOptional({ example: 'tenant:*', description: 'A tag, or a prefix such as `tenant:*`' })
  tag?: string;
}

/** What a limit says. */
export class LimitSettingsView {
  @ApiProperty({ type: () => LimitMatchView })
  match!: LimitMatchView;

  @TextOrNull({ example: 'tag:tenant', description: '`kind`, `queue` or `tag:<name>`: each value has places and a rate of its own' })
  per!: string | null;

  @Count({ minimum: 1, nullable: true, description: 'Jobs that run at once at most' })
  concurrency!: number | null;

  @TextOrNull({ example: '10/s', description: 'Starts in a second, minute or hour at most' })
  rate!: string | null;

  @Count({ minimum: 1, nullable: true, description: 'Starts that the rate allows at once after a time without any; null for 1' })
  burst!: number | null;

  @ApiProperty({ description: 'No start comes later than the rate has allowed it' })
  strict!: boolean;
}

/** What the code of a kind says of its limit. */
export class LimitInCode extends LimitSettingsView {
  @ApiProperty({ example: 'code:shop', description: 'The configuration that it stands in' })
  origin!: string;
}

/** Another concurrency for a time. */
export class LimitOverrideView {
  @Count({ minimum: 1 })
  concurrency!: number;

  @Time()
  until!: string;
}

export class LimitLinks {
  @Link()
  self!: string;

  @Link()
  override!: string;

  @LinkOptional({ description: 'Only in the answer to a change: the job that keys waiting jobs anew' })
  rekey?: string;
}

/** A limit as it holds now, and how it is used. */
export class LimitView extends LimitSettingsView {
  @ApiProperty({ example: 'partner.call' })
  name!: string;

  @ApiProperty({
    example: 'api',
    description: 'Which one holds: `api`, or `code:<configuration>`. One that was PUT holds over one in code until it is deleted',
  })
  origin!: string;

  @ApiProperty({ type: () => LimitInCode, nullable: true, description: 'What code says, where one that was PUT holds in its place' })
  code!: LimitInCode | null;

  @ApiProperty({ type: () => LimitOverrideView, nullable: true, description: 'Holds over `concurrency` until its end' })
  override!: LimitOverrideView | null;

  @Count({ minimum: 1, nullable: true, description: 'Jobs that may run at once now, of each key: the override while it holds, else `concurrency`' })
  capacity!: number | null;

  @Count({ description: 'Jobs that have a place: they run, or are on their way to a worker' })
  held!: number;

  @Count({ description: 'Jobs that wait for this limit' })
  parked!: number;

  @Count({ description: 'How many more have a place than may, after it was lowered. They run to their end, and none starts before' })
  draining!: number;

  @Time({ nullable: true, description: 'When the rate allows the next start; null while it allows one now. With `per` each key has its own' })
  nextStartAt!: string | null;

  @Time()
  updatedAt!: string;

  @ApiProperty({ type: () => LimitLinks })
  links!: LimitLinks;
}

/** How one key of a limit is used. */
export class LimitKeyView {
  @ApiProperty({ example: 'partner.call/tenant:acme', description: 'The name of the limit and, with `per`, the value' })
  key!: string;

  @Count()
  held!: number;

  @Count()
  parked!: number;

  @Count()
  draining!: number;

  @Time({ nullable: true })
  nextStartAt!: string | null;
}

/** A limit with its keys. */
export class LimitDetail extends LimitView {
  @ApiProperty({ type: () => [LimitKeyView], description: 'Keys that are in use, the busiest first, 100 at most' })
  keys!: LimitKeyView[];
}

/** What one event of the limit that is looked at tells. */
export class LimitNow {
  @ApiProperty({ type: () => LimitDetail, nullable: true, description: 'Null where there is none of this name' })
  limit!: LimitDetail | null;
}

/** All limits. */
export class LimitList {
  @ApiProperty({ type: () => [LimitView] })
  items!: LimitView[];
}

export class RekeyLinks {
  @Link({ description: 'The job that gives waiting jobs the limits that hold now' })
  rekey!: string;
}

/** A limit that was taken away. */
export class Rekeying {
  @ApiProperty({ example: 'partner.call' })
  name!: string;

  @ApiProperty({ type: () => RekeyLinks })
  links!: RekeyLinks;
}

export const PUT_OUTCOMES = ['created', 'changed', 'unchanged'] as const;

/** What setting a limit would do. */
export class LimitDryRun {
  @ApiProperty({ type: 'boolean', enum: [true] })
  dryRun!: true;

  @ApiProperty({ enum: PUT_OUTCOMES, description: 'What would become of it' })
  outcome!: (typeof PUT_OUTCOMES)[number];
}
