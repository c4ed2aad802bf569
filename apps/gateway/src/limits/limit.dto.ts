import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@app/contracts/schemas';
import { type Fault, LIMIT_NAME, limitFaults, type LimitOverride, limitSettings, type LimitSettings, parseTime, Refusal, type WrittenLimit } from '@app/core';
import { Type } from 'class-transformer';
import { Allow, IsObject, ValidateNested } from 'class-validator';
import { dtoFaults } from '../http/dto-faults.js';

/** An override holds for so long at most: it is for a time, and a limit that is meant to stay is set by PUT. */
const LONGEST_OVERRIDE_MS = 365 * 86_400_000;
const MOST = 1_000_000;

// What a value may be is said by the core, in one place for the API and for limits in code; here stands which fields there are.

@ApiSchema({ name: 'LimitMatch' })
export class LimitMatchDto {
  @ApiPropertyOptional({ type: 'string', example: 'partner.call', description: 'A kind, or a prefix such as `partner.*`' })
  @Allow()
  kind?: unknown;

  @ApiPropertyOptional({ type: 'string', example: 'reports' })
  @Allow()
  queue?: unknown;

  @ApiPropertyOptional({ type: 'string', example: 'tenant:*', description: 'A tag, or a prefix such as `tenant:*`' })
  @Allow()
  tag?: unknown;
}

@ApiSchema({ name: 'LimitSettings' })
export class LimitDto implements WrittenLimit {
  @ApiProperty({ type: () => LimitMatchDto, description: 'Which jobs it is for: those that fit all that is named; `{}` is for every job' })
  @IsObject()
  @ValidateNested()
  @Type(() => LimitMatchDto)
  match!: LimitMatchDto;

  @ApiPropertyOptional({
    type: 'string',
    pattern: '^(kind|queue|tag:.+)$',
    example: 'tag:tenant',
    description: 'Each value of it has places and a rate of its own. Jobs without a value share one',
  })
  @Allow()
  per?: unknown;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MOST, description: 'Jobs that run at once at most' })
  @Allow()
  concurrency?: unknown;

  @ApiPropertyOptional({ type: 'string', pattern: '^[1-9][0-9]{0,6}/[smh]$', example: '10/s', description: 'Starts in a second, minute or hour at most' })
  @Allow()
  rate?: unknown;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MOST, default: 1, description: 'Starts that the rate allows at once after a time without any' })
  @Allow()
  burst?: unknown;

  @ApiPropertyOptional({ type: 'boolean', default: false, description: 'No start comes later than the rate has allowed it. The kind needs a queue of its own' })
  @Allow()
  strict?: unknown;
}

@ApiSchema({ name: 'LimitOverride' })
export class LimitOverrideDto {
  @ApiProperty({ type: 'integer', minimum: 1, maximum: MOST })
  @Allow()
  concurrency!: unknown;

  @ApiProperty({ type: 'string', format: 'date-time', description: 'Within a year' })
  @Allow()
  until!: unknown;
}

/** Where the kinds of this gateway run. */
export interface QueuesOfKinds {
  names(): string[];
  policy(kind: string): { queue: string } | undefined;
}

/** The name of a path. */
export function readLimitName(name: string): string {
  if (LIMIT_NAME.test(name)) return name;
  throw new Refusal('invalid_payload', `expected the name of a limit, got: ${JSON.stringify(name.slice(0, 100))}`, [
    { pointer: '/name', detail: `must match ${LIMIT_NAME.source}` },
  ]);
}

/** A body of `PUT /limits/{name}`; throws a `Refusal` with a pointer for each fault. */
export function readLimit(body: unknown, kinds: QueuesOfKinds): LimitSettings {
  const written = read(LimitDto, body);
  const faults = [...limitFaults(written), ...strictFaults(written, kinds)];
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the limit is not valid', faults);
  return limitSettings(written);
}

/** A body of `POST /limits/{name}/override`. `now` is the store's time. */
export function readOverride(body: unknown, now: number): LimitOverride {
  const { concurrency, until } = read(LimitOverrideDto, body);
  const faults: Fault[] = [];
  // The same rules, and the same words, as for the limit itself.
  if (concurrency === undefined) faults.push({ pointer: '/concurrency', detail: `must be a whole number from 1 to ${MOST}` });
  else faults.push(...limitFaults({ concurrency }));
  const time = typeof until === 'string' ? parseTime(until) : undefined;
  if (!time || time.getTime() <= now || time.getTime() > now + LONGEST_OVERRIDE_MS) {
    const detail = `must be an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z, in the future and within a year, got: ${JSON.stringify(until ?? null)}`;
    faults.push({ pointer: '/until', detail });
  }
  if (faults.length > 0 || !time) throw new Refusal('invalid_payload', 'the override is not valid', faults);
  return { concurrency: concurrency as number, until: time };
}

/** A strict rate lets one message at a time into the queue, which would slow down every other kind there. */
export function strictFaults({ match: { kind }, strict }: Pick<LimitDto, 'match' | 'strict'>, kinds: QueuesOfKinds): Fault[] {
  if (strict !== true) return [];
  const queue = typeof kind === 'string' ? kinds.policy(kind)?.queue : undefined;
  if (typeof kind !== 'string' || queue === undefined) {
    return [{ pointer: '/match/kind', detail: 'must name a kind that this gateway knows where strict is true, for the kind needs a queue of its own' }];
  }
  const others = kinds.names().filter((name) => name !== kind && kinds.policy(name)?.queue === queue);
  if (others.length === 0) return [];
  const detail = `needs a queue of its own for ${kind}, got: ${queue}, which ${others.slice(0, 3).join(', ')} ${others.length === 1 ? 'uses' : 'use'} too`;
  return [{ pointer: '/strict', detail }];
}

function read<Dto extends object>(dto: new () => Dto, body: unknown): Dto {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refusal('invalid_payload', 'expected an object', [{ pointer: '', detail: 'must be an object' }]);
  }
  const faults = dtoFaults(dto, body, '');
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the request is not valid', faults);
  return body as Dto;
}
