import { ApiProperty, ApiPropertyOptional, ApiSchema, RUNS_MAX, ScheduleSpec } from '@app/contracts/schemas';
import {
  escapePointer,
  type Fault,
  findJsonFault,
  isIntegerIn,
  type JsonText,
  MISSED_RULES,
  NEVER_FIRES,
  OVERLAPS,
  parseTime,
  Refusal,
  SCHEDULE_FIELDS,
  SCHEDULE_ID,
  scheduledOptionFaults,
  scheduleFaults,
  type ScheduleSettings,
  type SubmitOptions,
  toSettings,
  type WrittenSchedule,
} from '@app/core';
import { cronPatterns } from '@app/sdk';
import { bodyFields } from '../http/body-fields.js';
import { LONGEST_NAME, meantBy, UNKNOWN } from '../http/dto-faults.js';
import type { JsonBody } from '@app/host';
import { optionFaults, SubmitOptionsDto } from '../submissions/http/submission.dto.js';

const DURATION = { oneOf: [{ type: 'string' }, { type: 'number' }], example: '10m' };

// What a value may be is said by the core, in one place for the API and for schedules in code; here stands which fields there are.

@ApiSchema({ name: 'ScheduleSettings' })
export class ScheduleDto {
  @ApiProperty({ example: 'csv.import', description: 'GET /kinds lists them' })
  kind!: string;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'As the schema of the kind says' })
  payload!: Record<string, unknown>;

  @ApiProperty({ type: () => ScheduleSpec })
  spec!: ScheduleSpec;

  @ApiPropertyOptional({ type: SubmitOptionsDto, description: 'Of its jobs; not `runAt`, `delay` and `unique`. The tag `schedule:<id>` is added' })
  options?: SubmitOptionsDto;

  @ApiPropertyOptional({ maxLength: 500 })
  description?: string;

  @ApiPropertyOptional({
    enum: OVERLAPS,
    enumName: 'ScheduleOverlap',
    default: 'skip',
    description:
      'While the last job has not ended: `skip` makes none, `buffer` makes one when it has ended, `allow` makes one beside it, `cancel` asks it to stop and makes one then',
  })
  overlap?: (typeof OVERLAPS)[number];

  @ApiPropertyOptional({
    enum: MISSED_RULES,
    enumName: 'ScheduleMissed',
    default: 'last',
    description: 'Ticks that no gateway was there for: `skip` makes up for none, `last` for the newest, `all` for each within `missedWindow`, 1,000 at most',
  })
  missed?: (typeof MISSED_RULES)[number];

  @ApiPropertyOptional({ ...DURATION, example: '1d', description: 'From 0 to 366d; 1d when left out' })
  missedWindow?: string | number;

  @ApiPropertyOptional({ ...DURATION, description: 'Puts each job off by a part of it, shorter than the time between two ticks' })
  jitter?: string | number;

  @ApiPropertyOptional({ format: 'date-time' })
  startsAt?: string;

  @ApiPropertyOptional({ format: 'date-time' })
  endsAt?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1_000, description: 'So many failures in a row pause it' })
  pauseAfterFailures?: number;
}

@ApiSchema({ name: 'SchedulePreviewRequest' })
export class PreviewDto {
  @ApiProperty({ type: () => ScheduleSpec })
  spec!: ScheduleSpec;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: RUNS_MAX, default: 5 })
  count?: number;

  @ApiPropertyOptional({ format: 'date-time' })
  startsAt?: string;

  @ApiPropertyOptional({ format: 'date-time' })
  endsAt?: string;
}

@ApiSchema({ name: 'ScheduleBackfill' })
export class BackfillDto {
  @ApiProperty({ format: 'date-time', description: 'The first moment, from 1970 on' })
  from!: string;

  @ApiProperty({ format: 'date-time', description: 'The last moment; not in the future' })
  to!: string;

  @ApiPropertyOptional({ default: false, description: 'Only counts' })
  dryRun?: boolean;
}

const FIELDS = ['kind', 'payload', 'options', ...SCHEDULE_FIELDS];
/** What people call these elsewhere. */
const ALIASES: Readonly<Record<string, string>> = {
  ...{ cron: 'spec', schedule: 'spec', every: 'spec', interval: 'spec', at: 'spec', timezone: 'spec', tz: 'spec', pattern: 'spec', trigger: 'spec' },
  ...{ data: 'payload', args: 'payload', input: 'payload', type: 'kind', job: 'kind', task: 'kind', jobtype: 'kind', name: 'kind' },
  ...{
    catchup: 'missed',
    misfire: 'missed',
    concurrency: 'overlap',
    concurrencypolicy: 'overlap',
    from: 'startsAt',
    to: 'endsAt',
    until: 'endsAt',
    start: 'startsAt',
    end: 'endsAt',
  },
};
const MOST_UNKNOWN = 20;

/** Reads the id of a path that makes a schedule. */
export function readScheduleId(id: string): string {
  if (SCHEDULE_ID.test(id)) return id;
  throw new Refusal('invalid_payload', `expected the id of a schedule, got: ${JSON.stringify(id.slice(0, 100))}`, [
    { pointer: '/id', detail: `must match ${SCHEDULE_ID.source}, got: ${JSON.stringify(id.slice(0, 100))}` },
  ]);
}

/** A body of `PUT /schedules/{id}`; throws a `Refusal` with a pointer for each fault. `now` is the store's time. Kind and payload are checked by the submission. */
export function readSchedule(body: unknown, source: JsonBody | undefined, now: number): ScheduleSettings {
  if (body === undefined) throw new Refusal('malformed_request', 'expected a JSON body with kind, payload and spec, got none');
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Refusal('invalid_payload', 'expected an object', [{ pointer: '', detail: 'must be an object with kind, payload and spec' }]);
  const written = body as Record<string, unknown>;
  const faults: Fault[] = Object.keys(written)
    .filter((name) => !FIELDS.includes(name))
    .slice(0, MOST_UNKNOWN)
    .map((name) => ({ pointer: `/${escapePointer(name.slice(0, LONGEST_NAME))}`, detail: unknownField(name) }));
  const { kind, payload, options } = written;
  if (typeof kind !== 'string') faults.push({ pointer: '/kind', detail: 'must be a string' });
  if (payload === undefined) faults.push({ pointer: '/payload', detail: 'must be given' });
  const wrongOptions = options === undefined ? [] : optionFaults(options, '/options');
  faults.push(...(wrongOptions.length === 0 && options !== undefined ? scheduledOptionFaults(options as SubmitOptions) : wrongOptions));
  const own = ownFields(written);
  const unstorable = findJsonFault(own);
  faults.push(...(unstorable ? [unstorable] : scheduleFaults(own, cronPatterns, now)));
  refuse(faults, 'the schedule is not valid');
  const text = source?.member('payload') ?? (JSON.stringify(payload) as JsonText);
  return { ...toSettings(own), kind: kind as string, payload: text, options: (options as SubmitOptions | undefined) ?? {} };
}

function ownFields(written: Record<string, unknown>): WrittenSchedule {
  return Object.fromEntries(SCHEDULE_FIELDS.flatMap((name) => (written[name] === undefined ? [] : [[name, written[name]]])));
}

function unknownField(name: string): string {
  const meant = name.length > LONGEST_NAME ? undefined : meantBy(name, FIELDS, ALIASES);
  if (meant === 'spec') return `${UNKNOWN}; did you mean "spec": {"cron": …}, {"every": …} or {"at": …}?`;
  return meant === undefined ? UNKNOWN : `${UNKNOWN}; did you mean "${meant}"?`;
}

/** A body of `POST /schedules/preview`. */
export function readPreview(body: unknown, now: number): { settings: ReturnType<typeof toSettings>; count: number } {
  const { count = 5, ...written } = bodyFields(body, ['spec', 'count', 'startsAt', 'endsAt']);
  const unstorable = findJsonFault(written);
  const faults = unstorable ? [unstorable] : scheduleFaults(written, cronPatterns, now);
  if (!isIntegerIn(count, 1, RUNS_MAX)) faults.push({ pointer: '/count', detail: `must be a whole number from 1 to ${RUNS_MAX}, got: ${shown(count)}` });
  refuse(faults, 'the preview is not valid');
  return { settings: toSettings(written), count: count as number };
}

/** A body of `POST /schedules/{id}/backfill`. */
export function readBackfill(body: unknown, now: number): { from: Date; to: Date; dryRun: boolean } {
  const { from, to, dryRun = false } = bodyFields(body, ['from', 'to', 'dryRun']);
  const faults: Fault[] = [];
  const time = (name: string, value: unknown): Date => {
    const read = typeof value === 'string' ? parseTime(value) : undefined;
    if (read && read.getTime() >= 0 && read.getTime() <= now) return read;
    const detail = `must be an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z, from 1970 to now (${new Date(now).toISOString()}), got: ${shown(value)}`;
    faults.push({ pointer: `/${name}`, detail });
    return new Date(0);
  };
  const times = { from: time('from', from), to: time('to', to) };
  if (faults.length === 0 && times.to < times.from) faults.push({ pointer: '/to', detail: `must not be before from, got: ${shown(to)}` });
  if (typeof dryRun !== 'boolean') faults.push({ pointer: '/dryRun', detail: `must be true or false, got: ${shown(dryRun)}` });
  refuse(faults, 'the backfill is not valid');
  return { ...times, dryRun: dryRun as boolean };
}

function shown(value: unknown): string {
  return (JSON.stringify(value) as string | undefined)?.slice(0, 100) ?? 'nothing';
}

/** A pattern that never comes is a refusal of its own, for programs. */
function refuse(faults: Fault[], message: string): void {
  const [first] = faults;
  if (first === undefined) return;
  if (faults.length === 1 && first.detail.startsWith(NEVER_FIRES)) throw new Refusal('never_fires', `the pattern ${first.detail}`, faults);
  throw new Refusal('invalid_payload', message, faults);
}
