import {
  type Duration,
  escapePointer,
  type Fault,
  type JsonValue,
  LIMITS,
  MAX_URL_LENGTH,
  parseDuration,
  parseTime,
  Refusal,
  type SubmitOptions,
  type SubmitRequest,
} from '@app/core';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsEmail, IsInt, IsOptional, IsString, Length, Matches, Max, MaxLength, Min, registerDecorator } from 'class-validator';
import { dtoFaults, LONGEST_NAME, namesOf } from '../../http/dto-faults.js';
import { idempotencyKey } from './idempotency-key.js';
import type { JsonBody } from '../../http/json-body.js';
import { ALIASES, explained, unknownField } from './other-names.js';

const PRINTABLE = /^[\P{C}]*$/u;

function IsDuration(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      target: target.constructor,
      propertyName: String(propertyName),
      options: { message: '$property must be milliseconds, or text such as "30s", "15m" or "PT15M"' },
      validator: { validate: (value) => (typeof value === 'number' || typeof value === 'string') && parseDuration(value) !== undefined },
    });
}

function IsTime(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      target: target.constructor,
      propertyName: String(propertyName),
      options: { message: '$property must be an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z' },
      validator: { validate: (value) => typeof value === 'string' && parseTime(value) !== undefined },
    });
}

@ApiSchema({ name: 'SubmitOptions' })
export class SubmitOptionsDto implements SubmitOptions {
  @ApiPropertyOptional({ example: 'default' })
  @IsOptional()
  @IsString()
  @Length(1, 63)
  queue?: string;

  @ApiPropertyOptional({ minimum: 0, maximum: LIMITS.priority })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(LIMITS.priority)
  priority?: number;

  @ApiPropertyOptional({ format: 'date-time' })
  @IsOptional()
  @IsTime()
  runAt?: string;

  @ApiPropertyOptional({
    oneOf: [{ type: 'string' }, { type: 'number' }],
    example: '15m',
    description: 'Milliseconds, or text such as 30s, 15m, 1w, PT15M, P1W',
  })
  @IsOptional()
  @IsDuration()
  delay?: Duration;

  @ApiPropertyOptional({ oneOf: [{ type: 'string' }, { type: 'number' }], example: '1h', description: 'Of one attempt' })
  @IsOptional()
  @IsDuration()
  timeout?: Duration;

  @ApiPropertyOptional({ minimum: 1, maximum: LIMITS.maxAttempts })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LIMITS.maxAttempts)
  maxAttempts?: number;

  @ApiPropertyOptional({ format: 'uri' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_URL_LENGTH)
  callbackUrl?: string;

  @ApiPropertyOptional({ format: 'email' })
  @IsOptional()
  @IsEmail()
  @MaxLength(320)
  notifyEmail?: string;

  @ApiPropertyOptional({ type: [String], maxItems: LIMITS.tags })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(LIMITS.tags)
  @IsString({ each: true })
  @Length(1, LIMITS.tagLength, { each: true })
  @Matches(PRINTABLE, { each: true, message: 'each tag must be printable' })
  tags?: string[];
}

@ApiSchema({ name: 'SubmitJob' })
export class SubmitJobDto {
  @ApiProperty({ example: 'csv.import', description: 'GET /kinds lists them' })
  kind!: string;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'As the schema of the kind says' })
  payload!: Record<string, unknown>;

  @ApiPropertyOptional({ type: SubmitOptionsDto })
  options?: SubmitOptionsDto;
}

@ApiSchema({ name: 'BatchEntry' })
export class BatchEntryDto extends SubmitJobDto {
  @ApiPropertyOptional({ description: 'Of this entry; without it, one is made of the Idempotency-Key header and the index' })
  idempotencyKey?: string;
}

@ApiSchema({ name: 'SubmitBatch' })
export class SubmitBatchDto {
  @ApiProperty({ type: [BatchEntryDto], minItems: 1, maxItems: 1_000 })
  jobs!: BatchEntryDto[];
}

const FIELDS = ['kind', 'payload', 'options'];
/** Faults that are told of one place. */
const ENOUGH = 20;

/**
 * A body of `POST /jobs` as a request to submit. By hand and not by a pipe: the payload is checked by its own class later,
 * and must not be walked and copied here. `source` has its text. Throws a `Refusal` with a pointer for each fault.
 */
export function readSubmission(body: unknown, source?: JsonBody, at = '', fields: readonly string[] = FIELDS): SubmitRequest {
  if (body === undefined) throw new Refusal('malformed_request', 'expected a JSON body with kind and payload, got none');
  if (!isObject(body))
    throw new Refusal('invalid_payload', 'expected an object with kind and payload', [{ pointer: at, detail: 'must be an object with kind and payload' }]);
  const faults: Fault[] = Object.keys(body)
    .filter((name) => !fields.includes(name))
    .slice(0, ENOUGH)
    .map((name) => ({ pointer: `${at}/${escapePointer(name.slice(0, LONGEST_NAME))}`, detail: unknownField(name, fields, namesOf(SubmitOptionsDto)) }));
  const { kind, payload, options } = body;
  if (typeof kind !== 'string') faults.push({ pointer: `${at}/kind`, detail: 'must be a string' });
  if (payload === undefined) faults.push({ pointer: `${at}/payload`, detail: 'must be given' });
  if (options !== undefined) faults.push(...optionFaults(options, `${at}/options`));
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the request is not valid', faults);
  const payloadText = source?.member('payload');
  return {
    kind: kind as string,
    payload: payload as JsonValue,
    ...(payloadText === undefined ? {} : { payloadText }),
    ...(options === undefined ? {} : { options: options as SubmitOptions }),
  };
}

/** The entries of `POST /jobs/batch`, each with a key of its own if any is given. */
export function readBatch(body: unknown, batchKey: string | undefined, source?: JsonBody): SubmitRequest[] {
  const jobs = isObject(body) && Object.keys(body).every((name) => name === 'jobs') ? body['jobs'] : undefined;
  if (!Array.isArray(jobs) || jobs.length < 1 || jobs.length > 1_000) {
    throw new Refusal('invalid_payload', 'expected {"jobs": […]} with 1 to 1000 entries', [
      { pointer: '/jobs', detail: 'must be an array of 1 to 1000 entries, and the only field' },
    ]);
  }
  return jobs.map((entry: unknown, index) => {
    const request = readSubmission(entry, source?.entry(index), `/jobs/${index}`, ['kind', 'payload', 'options', 'idempotencyKey']);
    const key = ownKey((entry as { idempotencyKey?: unknown }).idempotencyKey, index) ?? (batchKey === undefined ? undefined : `${batchKey}#${index}`);
    return key === undefined ? request : { ...request, idempotencyKey: key };
  });
}

function ownKey(key: unknown, index: number): string | undefined {
  if (key === undefined) return undefined;
  if (typeof key === 'string') return idempotencyKey(JSON.stringify(key));
  throw new Refusal('bad_idempotency_key', `expected jobs[${index}].idempotencyKey to be a string`, [
    { pointer: `/jobs/${index}/idempotencyKey`, detail: 'must be a string' },
  ]);
}

function optionFaults(options: unknown, pointer: string): Fault[] {
  if (!isObject(options)) return [{ pointer, detail: 'must be an object' }];
  return dtoFaults(SubmitOptionsDto, options, pointer, ALIASES).map((fault) => explained(fault, pointer));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
