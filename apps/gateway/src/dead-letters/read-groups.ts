import { ApiQuery } from '@app/contracts/schemas';
import * as wire from '@app/contracts/schemas';
import { GROUP_SORTS, type GroupFilter } from '@app/core';
import { withoutUndefined } from '@app/host';
import { applyDecorators } from '@nestjs/common';
import type { QueryReader } from '../jobs/list-query.js';

export const DEFAULT_HOURS = 24;
const STATES = ['open', 'acknowledged'] as const;

/** The parameters of a query for the causes of dead letters. */
export const GROUP_PARAMETERS = ['reason', 'kind', 'queue', 'source', 'state', 'sort', 'hours', 'tenant', 'limit'];

/** Those of them that say which causes, as `readGroupFilter` reads them. */
export function DescribedGroups(): MethodDecorator {
  return applyDecorators(
    ApiQuery({
      name: 'hours',
      required: false,
      description: 'How many hours back the counts of each hour go',
      schema: { type: 'integer', minimum: 1, maximum: wire.GROUP_HOURS_MAX, default: DEFAULT_HOURS },
    }),
    ApiQuery({ name: 'sort', required: false, enum: GROUP_SORTS, description: '`most` letters first, which is the default, or the `newest` first' }),
    ApiQuery({ name: 'state', required: false, enum: STATES, description: 'Those that somebody has acknowledged, or the others; all where it is left out' }),
    ApiQuery({ name: 'source', required: false, enum: wire.LETTER_SOURCES, description: 'Jobs, or messages' }),
    ApiQuery({ name: 'queue', required: false, type: String, description: 'Of this queue', example: 'default' }),
    ApiQuery({ name: 'kind', required: false, type: String, description: 'Of this kind', example: 'csv.import' }),
    ApiQuery({ name: 'reason', required: false, type: String, description: 'Given up for this reason', example: 'handler_error' }),
  );
}

export function readGroupFilter(reader: QueryReader): GroupFilter {
  const state = reader.oneOf('state', STATES);
  const given = {
    reason: reader.text('reason'),
    kind: reader.text('kind'),
    queue: reader.text('queue'),
    source: reader.oneOf('source', wire.LETTER_SOURCES),
    acknowledged: state === undefined ? undefined : state === 'acknowledged',
  };
  const hours = reader.number('hours', 1, wire.GROUP_HOURS_MAX) ?? DEFAULT_HOURS;
  return { ...withoutUndefined(given), sort: reader.oneOf('sort', GROUP_SORTS) ?? 'most', hours, limit: reader.limit() };
}
