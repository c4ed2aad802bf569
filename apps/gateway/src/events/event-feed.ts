import type { EventFilter, EventPage, EventReader, JobId, Logger } from '@app/core';
import { LOGGER, Store } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import { DueJobs, JOBS_OF_A_READ } from './due-jobs.js';
import { OutEvent } from './out-event.js';

/** Somebody who reads the events of all jobs that match. */
export interface FeedSink {
  readonly filter: EventFilter;
  give(events: OutEvent[]): void;
}

const GATHER_MS = 50;
const POLL_MS = 5_000;
const EVENTS_OF_A_READ = 200;
/** Of jobs that changed lately, how many are looked at. */
const RECENT_JOBS = 1_000;
/** A job's place is forgotten beyond this many jobs; what it says then may come twice. */
const MAX_PLACES = 50_000;
/** Commits are seen a little later than their time says, and wake-ups may be lost: so far a reader is taken back. */
export const OVERLAP_SECONDS = 10;

/**
 * The events of all jobs, live, to those who want some of them. Each at least once, a job's in order: a reader that connects
 * again gets some twice, and tells them by job and number.
 */
@Injectable()
export class EventFeed {
  /** With what came for those that are still catching up. */
  private readonly sinks = new Map<FeedSink, OutEvent[] | null>();
  /** Those whose first look at the store is under way. */
  private readonly arriving = new Set<FeedSink>();
  /** How far each job has been told of. */
  private readonly places = new Map<JobId, number>();
  private readonly due: DueJobs;
  private poll: NodeJS.Timeout | undefined;
  /** What is older was before this feed began. */
  private since = new Date(0);

  private readonly events: EventReader;

  constructor(
    @Inject(Store) { events }: { events: EventReader },
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.events = events;
    this.due = new DueJobs(GATHER_MS, (ids) => this.read(ids), logger);
  }

  /** Takes a reader on; first it gets what happened in the last `seconds`. Resolves with the store's time. */
  async add(sink: FeedSink, seconds: number): Promise<Date> {
    this.arriving.add(sink);
    const { jobIds, now } = await this.events.recent({ ...sink.filter, seconds, limit: RECENT_JOBS });
    // Removed meanwhile: nobody would remove it again.
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

  /** Wake-ups may have been missed. */
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

  /** Of a job that is new here, only what has happened since the feed began is news. */
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
      // A few jobs at a time, for each may have ended with a large result; a reader that does not take it is cut off.
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

function matches({ kind, tags }: EventPage, filter: EventFilter): boolean {
  return (filter.kind === undefined || filter.kind === kind) && (filter.tag === undefined || tags.includes(filter.tag));
}
