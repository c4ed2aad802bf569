import * as wire from '@app/contracts/schemas';
import { getSchemaPath } from '@nestjs/swagger';

export const LAST_EVENT_ID = {
  name: 'Last-Event-ID',
  required: false,
  description: 'Goes on after this event; browsers send it by themselves',
  schema: { type: 'string' },
  example: '3',
};

const DATA = [wire.StateEvent, wire.ProgressEvent, wire.LogEvent, wire.ResetEvent].map((model) => `\`${model.name}\``).join(', ');

/** OpenAPI has no word for the lines of a stream: the schema of its text says what their data is. */
export const EVENT_STREAM = {
  'text/event-stream': {
    schema: {
      type: 'string',
      description: `Events of \`id\`, \`event\` and \`data\`; the data is JSON of ${DATA}, by the name of the event`,
      'x-event-data': Object.fromEntries(
        Object.entries({ state: wire.StateEvent, progress: wire.ProgressEvent, log: wire.LogEvent, reset: wire.ResetEvent }).map(([name, model]) => [
          name,
          { $ref: getSchemaPath(model) },
        ]),
      ),
    } as { type: 'string' },
  },
};
