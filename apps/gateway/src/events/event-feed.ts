import type { EventFilter, EventPage, EventReader, JobId, Logger } from '@app/core';
import { LOGGER, Store } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import { DueJobs, JOBS_OF_A_READ } from './due-jobs.js';
import { OutEvent } from './out-event.js';

/** A reader of the events of all matching jobs. */
export interface FeedSink {
  readonly filter: EventFilter;
  give(events: OutEvent[]): void;
}

const GATHER_MS = 50;
const POLL_MS = 5_000;
const EVENTS_OF_A_READ = 200;
/** How many recently changed jobs are read. */
const RECENT_JOBS = 1_000;
/** The position is kept of so many jobs. The events of other jobs may come twice. */
const MAX_PLACES = 50_000;
/** A reader starts this much earlier, because commits are visible a little after their time, and wake-ups may be lost. */
export const OVERLAP_SECONDS = 10;

/**
 * Sends the live events of all jobs to readers of some of them. Each event comes at least once, those of a job in order: a reader that connects
 * again gets some twice, and recognizes them by job and number.
 */
@Injectable()
export class EventFeed {
  /** The readers; for those that still catch up, also the events that came in the meantime. */
  private readonly sinks = new Map<FeedSink, OutEvent[] | null>();
  /** The readers that are being read for from the store for the first time. */
  private readonly arriving = new Set<FeedSink>();
  /** The number of the last sent event of each job. */
  private readonly places = new Map<JobId, number>();
  private readonly due: DueJobs;
  private poll: NodeJS.Timeout | undefined;
  /** The time at which this feed began. */
  private since = new Date(0);

  private readonly events: EventReader;

  constructor(
    @Inject(Store) { events }: { events: EventReader },
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.events = events;
    this.due = new DueJobs(GATHER_MS, (ids) => this.read(ids), logger);
  }

  /** Adds a reader. It first gets the events of the last `seconds`. Resolves with the store's time. */
  async add(sink: FeedSink, seconds: number): Promise<Date> {
    this.arriving.add(sink);
    const { jobIds, now } = await this.events.recent({ ...sink.filter, seconds, limit: RECENT_JOBS });
    // The reader was removed in the meantime, and nothing would remove it a second time.
    if (!this.arriving.delete(sink)) return now;
    if (this.sinks.size === 0) this.begin(now);
    const since = new Date(now.getTime() - seconds * 1_000);
    const live: OutEvent[] = [];
    this.sinks.set(sink, live);
    if (seconds > 0) await this.catchUp(sink, jobIds, since);
    if (live.length > 0) sink.give(live);
    if (this.sinks.has(sink)) this.sinks.set(sink, null);
    return now;
  }

  remove(sink: FeedSink): void {
    this.arriving.delete(sink);
    this.sinks.delete(sink);
    if (this.sinks.size > 0) return;
    clearInterval(this.poll);
    this.poll = undefined;
    this.places.clear();
    this.due.clear();
  }

  wake(jobIds: readonly JobId[]): void {
    if (this.sinks.size > 0) this.due.add(jobIds);
  }

  /** Call it when wake-ups may have been missed. */
  async refresh(): Promise<void> {
    if (this.sinks.size === 0) return;
    try {
      this.wake((await this.events.recent({ seconds: OVERLAP_SECONDS, limit: RECENT_JOBS })).jobIds);
    } catch (error) {
      this.logger.warn({ err: error }, 'the jobs that changed could not be looked up');
    }
  }

  close(): void {
    this.due.close();
    clearInterval(this.poll);
  }

  private begin(now: Date): void {
    this.since = new Date(now.getTime() - 1_000);
    this.poll ??= setInterval(() => void this.refresh(), POLL_MS).unref();
  }

  private async read(ids: JobId[]): Promise<void> {
    await this.placeNew(ids);
    for (const page of await this.events.read(ids.map((jobId) => ({ jobId, after: this.places.get(jobId) ?? 0 })), EVENTS_OF_A_READ)) this.fanOut(page); // prettier-ignore
  }

  /** For a job that is new to this feed, only events since its beginning are sent. */
  private async placeNew(ids: JobId[]): Promise<void> {
    const unknown = ids.filter((id) => !this.places.has(id));
    if (unknown.length > 0) for (const [id, place] of await this.placesAt(unknown, this.since)) this.place(id, place);
  }

  /** The numbers after which the events since a time begin, by the changes of state; of lines before them, the newest come along. */
  private async placesAt(ids: JobId[], since: Date): Promise<Map<JobId, number>> {
    const pages = await this.events.read(ids.map((jobId) => ({ jobId, after: 0 })), 0); // prettier-ignore
    return new Map(
      pages.map(({ jobId, events, last }) => {
        const first = events.find(({ at }) => at >= since)?.seq ?? last + 1;
        return [jobId, Math.max(0, Math.min(first - 1, last - NEWEST_LINES))];
      }),
    );
  }

  private place(jobId: JobId, seq: number): void {
    this.places.delete(jobId);
    this.places.set(jobId, seq);
    if (this.places.size <= MAX_PLACES) return;
    const [oldest] = this.places.keys();
    if (oldest !== undefined) this.places.delete(oldest);
  }

  private fanOut(page: EventPage): void {
    const fresh = page.events.filter(({ at }) => at >= this.since).map((event) => OutEvent.of(event));
    for (const [sink, held] of this.sinks) {
      if (fresh.length === 0 || !matches(page, sink.filter)) continue;
      if (held) held.push(...fresh);
      else sink.give(fresh);
    }
    const read = page.events.at(-1)?.seq ?? page.last;
    this.place(page.jobId, read);
    if (read < page.last) this.due.add([page.jobId]);
  }

  private async catchUp(sink: FeedSink, ids: JobId[], since: Date): Promise<void> {
    let missed = 0;
    let places = await this.placesAt(ids, since);
    while (places.size > 0) {
      const all = [...places].map(([jobId, after]) => ({ jobId, after }));
      places = new Map();
      // Only a few jobs at a time, because each may have a large result. A reader that does not take it is cut off.
      for (let at = 0; at < all.length && this.sinks.has(sink); at += JOBS_OF_A_READ) {
        const pages = await this.events.read(all.slice(at, at + JOBS_OF_A_READ), EVENTS_OF_A_READ);
        const events = pages.flatMap((page) => page.events.filter((event) => event.at >= since));
        if (events.length > 0) sink.give(events.map((event) => OutEvent.of(event)));
        missed += events.length;
        for (const page of pages) {
          const read = page.events.at(-1)?.seq ?? page.last;
          if (read < page.last && missed < MAX_MISSED) places.set(page.jobId, read);
        }
      }
    }
  }
}

const NEWEST_LINES = 20;
const MAX_MISSED = 5_000;

function matches({ kind, tags, tenant }: EventPage, filter: EventFilter): boolean {
  if (filter.tenant !== undefined && filter.tenant !== tenant) return false;
  return (filter.kind === undefined || filter.kind === kind) && (filter.tag === undefined || tags.includes(filter.tag));
}
