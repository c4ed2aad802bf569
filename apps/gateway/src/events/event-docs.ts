import * as wire from '@app/contracts/schemas';
import { getSchemaPath } from '@nestjs/swagger';

export const LAST_EVENT_ID = {
  name: 'Last-Event-ID',
  required: false,
  description: 'Goes on after this event; browsers send it by themselves',
  schema: { type: 'string' },
  example: '3',
};

const MODELS = [wire.StateEvent, wire.ProgressEvent, wire.LogEvent, wire.ResetEvent];
const DATA = MODELS.map((model) => `\`${model.name}\``).join(', ');

/** The schema of an event's data, by the event's name. */
export const EVENT_STREAM = {
  'text/event-stream': {
    schema: {
      type: 'string',
      description: `Events of \`id\`, \`event\` and \`data\`; the data is JSON of ${DATA}, by the name of the event`,
      contentMediaType: 'text/event-stream',
      contentSchema: { anyOf: MODELS.map((model) => ({ $ref: getSchemaPath(model) })) },
    } as { type: 'string' },
  },
};
