import { getSchemaPath } from '@app/contracts/schemas';
import * as wire from '@app/contracts/schemas';

export const LAST_EVENT_ID = {
  name: 'Last-Event-ID',
  required: false,
  description: 'Goes on after this event; browsers send it by themselves',
  schema: { type: 'string' },
  example: '3',
};

const MODELS = [wire.StateEvent, wire.ProgressEvent, wire.LogEvent, wire.ResetEvent];

/** The schema of an event's data, by the event's name. */
function streamOfEvents(models: readonly { name: string }[]) {
  const data = models.map(({ name }) => `\`${name}\``).join(', ');
  return {
    'text/event-stream': {
      schema: {
        type: 'string',
        description: `Events of \`id\`, \`event\` and \`data\`; the data is JSON of ${data}, by the name of the event`,
        contentMediaType: 'text/event-stream',
        contentSchema: { anyOf: models.map(({ name }) => ({ $ref: getSchemaPath(name) })) },
      } as { type: 'string' },
    },
  };
}

export const EVENT_STREAM = streamOfEvents(MODELS);
export const JOB_EVENT_STREAM = streamOfEvents([...MODELS, wire.WhyView, wire.StatsUnavailable]);
