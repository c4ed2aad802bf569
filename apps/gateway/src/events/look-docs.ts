import { ApiExtraModels, ApiOperation, ApiResponse, StatsUnavailable } from '@app/contracts/schemas';
import { applyDecorators } from '@nestjs/common';
import { streamOf } from '../api-docs/parameters.js';

const WHEN =
  'A gateway looks at once when something has changed, and each two seconds: once for all who ask for the same, not at all while nobody does, and more rarely where a look takes long.';

/** Describes the operation of a stream that tells a look: events named `event`, with JSON of `schema`. Its parameters stand beside it. */
export function DescribedLook(event: string, schema: new () => object, { operationId, shows, as }: { operationId: string; shows: string; as?: string }) {
  return applyDecorators(
    ApiOperation({
      operationId,
      summary: `${shows}, now and when they change, as server-sent events`,
      description: as === undefined ? WHEN : `As ${as} has them. ${WHEN}`,
    }),
    ApiExtraModels(schema, StatsUnavailable),
    ApiResponse({ status: 200, description: 'The stream; it has no end', content: streamOf(event, schema) }),
    ApiResponse({ status: 429, description: 'This client, or this tenant, has as many streams open as one may have' }),
  );
}
