import type { NotifyChannels } from '@app/core';

/** The channels by which this installation sends outcomes; a library above provides them. */
export abstract class Channels {
  abstract readonly byName: NotifyChannels;
}
