import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@app/contracts/schemas';
import { escapePointer, type Fault, type JsonValue, Refusal, type SubmitOptions, type SubmitRequest } from '@app/core';
import { dtoFaults, LONGEST_NAME, namesOf } from '../../http/dto-faults.js';
import { idempotencyKey } from './idempotency-key.js';
import type { JsonBody } from '@app/host';
import { JobOptionFields } from './option-rules.js';
import { ALIASES, explained, unknownField } from './other-names.js';

/** The options as a body has them; its fields are those of the core's JOB_OPTIONS. */
@ApiSchema({ name: 'SubmitOptions' })
@JobOptionFields()
export class SubmitOptionsDto {}

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
/** How many faults are reported for one place. */
const ENOUGH = 20;

/**
 * Reads a body of `POST /jobs` as a submission. It does not use a pipe: the payload is checked later by its own class, and must not be
 * searched and copied here. `source` has its text. Throws a `Refusal` with a pointer for each fault.
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
  const payloadBytes = payloadText && source?.largeBytes(payloadText, 'payload');
  // Not by spreads, which V8 copies slowly.
  const request: SubmitRequest = { kind: kind as string, payload: payload as JsonValue };
  if (source !== undefined && payloadText !== undefined) {
    request.payloadText = payloadText;
    request.payloadSound = source.sound;
  }
  if (payloadBytes !== undefined) request.payloadBytes = payloadBytes;
  if (options !== undefined) request.options = options as SubmitOptions;
  return request;
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

/** What is wrong with the options of a job, which may be anything. */
export function optionFaults(options: unknown, pointer: string): Fault[] {
  if (!isObject(options)) return [{ pointer, detail: 'must be an object' }];
  return dtoFaults(SubmitOptionsDto, options, pointer, ALIASES).map((fault) => explained(fault, pointer));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
