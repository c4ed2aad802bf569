import type { Fault } from '../job/errors.js';
import { normalHttpUrl } from '../job/http-url.js';
import { type JobOption, JOB_OPTIONS, type SubmitOptions } from '../job/job-options.js';

/** To whom a job's outcome is sent besides the events. */
export interface NotifyEntry {
  /** The name of a channel, such as `webhook`. */
  channel: string;
  to: string;
  /** By what a requester knows its reply. */
  id?: string | null;
}

/** How a channel judges an address when a job is submitted. */
export interface NotifyChannel {
  /** What is wrong with an address, as the end of a sentence about it; undefined for one that can be used. */
  fault: (to: string) => string | undefined;
}

/** The channels of an installation, by name. An entry of a channel that is not here is stored and never sent. */
export type NotifyChannels = Readonly<Record<string, NotifyChannel>>;

/** How many entries of one channel a job has. The first stays; of the others the oldest makes room. */
export const MAX_CHANNEL_ENTRIES = 8;

const NOBODY: readonly NotifyEntry[] = [];
const CHANNEL_OPTIONS = Object.entries<JobOption>(JOB_OPTIONS).flatMap(([name, { form, channel }]) =>
  channel === undefined ? [] : [{ name: name as keyof SubmitOptions, channel, isUrl: form === 'url' }],
);

/** The entries that a caller's options ask for, and those that come with the request. */
export function notifyEntries(options: SubmitOptions | undefined, more: readonly NotifyEntry[] = NOBODY): readonly NotifyEntry[] {
  if (options === undefined) return more;
  let entries: NotifyEntry[] | undefined;
  for (const { name, channel, isUrl } of CHANNEL_OPTIONS) {
    const to = options[name] as string | undefined;
    if (to !== undefined) (entries ??= []).push({ channel, to: isUrl ? normalHttpUrl(to) : to });
  }
  return entries === undefined ? more : [...entries, ...more];
}

/** What is wrong with the addresses that a caller's options name. */
export function addressFaults(options: SubmitOptions, channels: NotifyChannels): Fault[] {
  return CHANNEL_OPTIONS.flatMap(({ name, channel }) => {
    const to = options[name] as string | undefined;
    const detail = to === undefined ? undefined : channels[channel]?.fault(to);
    return detail === undefined ? [] : [{ pointer: `/options/${name}`, detail }];
  });
}
