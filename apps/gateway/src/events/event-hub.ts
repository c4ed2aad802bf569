import { jobView } from '@app/views';
import { type EventPage, type EventReader, isTerminal, type JobId, type JobReader, type Logger } from '@app/core';
import { LOGGER, Store } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import { DueJobs } from './due-jobs.js';
import { JobEnds } from './job-ends.js';
import { OutEvent } from './out-event.js';

/** Somebody who reads one job's events. */
export interface JobSink {
  readonly jobId: JobId;
  /** The number of the last event that it has; below 0 for one that has to be given a snapshot first. */
  after: number;
  /** False while it has not taken what it was given: then nothing is read for it, and nothing is kept. */
  ready(): boolean;
  /** In order, without gaps. */
  give(events: OutEvent[]): void;
  /** The job has ended, and it has all events; or the job is gone. It was taken off. */
  end(): void;
}

export const NEEDS_SNAPSHOT = -1;

/** How long wake-ups are gathered, so that many become one statement. */
const GATHER_MS = 20;
/** How often all watched jobs are looked at, whatever the wake-ups say. */
const POLL_MS = 2_000;
const EVENTS_OF_A_READ = 200;

/**
 * Brings the events of watched jobs to their readers.
 *
 * Authority: the database, read from the number that each reader has, so whatever wakes this hub, and however often, a reader
 * gets each event once and in order. Wake-ups make it fast; a lost one costs two seconds at most. No timer and no statement is a
 * reader's own: what is due is read together. A reader that does not keep up is not read for, so that nothing piles up here.
 */
@Injectable()
export class EventHub {
  private readonly watched = new Map<JobId, Set<JobSink>>();
  /** Those who wait for a job's end alone. */
  readonly ends: JobEnds;
  private readonly due: DueJobs;
  private poll: NodeJS.Timeout | undefined;

  private readonly events: EventReader;
  private readonly jobs: Pick<JobReader, 'view' | 'ended'>;

  constructor(@Inject(Store) { events, jobs }: { events: EventReader; jobs: Pick<JobReader, 'view' | 'ended'> }, @Inject(LOGGER) logger: Logger) {
    this.events = events;
    this.jobs = jobs;
    this.due = new DueJobs(GATHER_MS, (ids) => this.read(ids), logger);
    this.ends = new JobEnds(jobs, logger);
  }

  /** How many jobs are watched. */
  get size(): number {
    return this.watched.size;
  }

  add(sink: JobSink): void {
    const sinks = this.watched.get(sink.jobId) ?? new Set();
    this.watched.set(sink.jobId, sinks.add(sink));
    this.poll ??= setInterval(() => this.wakeAll(), POLL_MS).unref();
    this.resume(sink);
  }

  remove(sink: JobSink): void {
    const sinks = this.watched.get(sink.jobId);
    sinks?.delete(sink);
    if (sinks?.size === 0) this.watched.delete(sink.jobId);
    if (this.watched.size > 0) return;
    clearInterval(this.poll);
    this.poll = undefined;
  }

  /** Something happened to these jobs, as far as somebody tells. */
  wake(jobIds: readonly JobId[]): void {
    this.ends.wake(jobIds);
    this.due.add(jobIds.filter((id) => this.watched.has(id)));
  }

  /** It can take more. */
  resume(sink: JobSink): void {
    this.wake([sink.jobId]);
  }

  /** Something may have happened to any of them. */
  wakeAll(): void {
    this.wake([...this.watched.keys()]);
  }

  close(): void {
    this.due.close();
    this.ends.close();
    clearInterval(this.poll);
  }

  private async read(ids: JobId[]): Promise<void> {
    for (const id of ids) for (const sink of this.ready(id)) if (sink.after < 0) await this.giveSnapshot(sink);
    const wanted = ids.flatMap((jobId) => {
      const sinks = this.ready(jobId);
      return sinks.length > 0 ? [{ jobId, after: Math.min(...sinks.map(({ after }) => after)) }] : [];
    });
    if (wanted.length === 0) return;
    for (const page of await this.events.read(wanted, EVENTS_OF_A_READ)) await this.fanOut(page);
  }

  private ready(jobId: JobId): JobSink[] {
    return [...(this.watched.get(jobId) ?? [])].filter((sink) => sink.ready());
  }

  private async fanOut({ jobId, state, last, events: stored }: EventPage): Promise<void> {
    const events = stored.map((event) => OutEvent.of(event));
    for (const sink of this.ready(jobId)) {
      const missing = events.filter(({ seq }) => seq > sink.after);
      if (missing.some(({ seq }, index) => seq !== sink.after + 1 + index)) {
        // What lies between is not kept any more.
        sink.after = NEEDS_SNAPSHOT;
      } else if (missing.length > 0) {
        sink.after += missing.length;
        sink.give(missing);
      }
      if (sink.after >= last && isTerminal(state)) this.end(sink);
      else if (sink.after < last) this.due.add([jobId]);
    }
  }

  private async giveSnapshot(sink: JobSink): Promise<void> {
    const job = await this.jobs.view(sink.jobId);
    if (!job) {
      this.end(sink);
      return;
    }
    // The event that ended it comes after the snapshot, for it is what readers wait for.
    sink.after = isTerminal(job.state) ? job.events - 1 : job.events;
    sink.give([OutEvent.reset(sink.after, jobView(job))]);
  }

  private end(sink: JobSink): void {
    this.remove(sink);
    sink.end();
  }
}
