import { ApiQuery } from '@app/contracts/schemas';
import * as wire from '@app/contracts/schemas';
import { applyDecorators } from '@nestjs/common';

const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;
const time = { type: 'string', format: 'date-time' } as const;

/** The conditions of a list, as `readJobFilter` reads them. */
const CONDITIONS = [
  { name: 'kind', schema: texts, description: 'Jobs of one of these kinds', example: ['csv.import'] },
  { name: 'queue', schema: text, description: 'Jobs of this queue', example: 'default' },
  { name: 'tag', schema: texts, description: 'Jobs that have all of these tags', example: ['customer-17'] },
  { name: 'schedule', schema: text, description: 'Jobs that this schedule has made', example: 'nightly' },
  { name: 'id', schema: { type: 'string', format: 'uuid' }, description: 'This one job, if it fits the other conditions' },
  { name: 'idempotencyKey', schema: text, description: 'The job of this key, while keys are kept (`IDEMPOTENCY_SECONDS`)', example: 'order-4711' },
  {
    name: 'error',
    schema: text,
    description: 'In the code, the name or the message of the last error, in whatever case; of failed jobs, without `state`',
    example: 'ECONNREFUSED',
  },
  {
    name: 'payload',
    schema: text,
    description: 'Held by the payload; with one `kind`',
    example: '{"customer":7}',
  },
  { name: 'createdFrom', schema: time, description: 'Created at this time or later; a date is the beginning of that day by UTC' },
  { name: 'createdTo', schema: time, description: 'Created before this time' },
  { name: 'finishedFrom', schema: time, description: 'Ended at this time or later' },
  { name: 'finishedTo', schema: time, description: 'Ended before this time' },
] as const;

export function DescribedFilter(): MethodDecorator {
  return applyDecorators(
    ApiQuery({ name: 'state', required: false, enum: wire.JOB_STATES, enumName: 'JobState', isArray: true, description: 'Jobs of one of these states' }),
    // The schema's own types say nothing of arrays that cannot be changed.
    ...CONDITIONS.map(({ schema, ...condition }) => ApiQuery({ required: false, ...condition, schema: { ...schema } })),
  );
}

export const ORDER = {
  name: 'order',
  required: false,
  description: 'By the time of creation',
  schema: { type: 'string', enum: ['newest', 'oldest'], default: 'newest' },
} as const;

export const COUNT = {
  name: 'count',
  required: false,
  description: '`true`: the answer says how many jobs fit, exactly up to 10,000 where the bound of a look allows it',
  schema: { type: 'string', enum: ['true', 'false'], default: 'false' },
} as const;

export const PAGE_CURSOR = { name: 'cursor', required: false, description: '`nextCursor` or `previousCursor` of another page', schema: text } as const;
