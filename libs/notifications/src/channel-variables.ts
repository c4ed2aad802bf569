import type { MoreVariables } from '@app/host';
import { CHANNELS } from './channel-list.js';

/** The variables that the channels read. */
export const channelVariables: MoreVariables = {
  topic: 'Who hears of outcomes',
  variables: CHANNELS.flatMap(({ variables }) => variables),
  prefixes: CHANNELS.map(({ name }) => name.toUpperCase()),
};
