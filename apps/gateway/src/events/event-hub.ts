import { jobView } from '@app/views';
import { type EventPage, type EventReader, isTerminal, type JobId, type JobReader, type Logger } from '@app/core';
import { LOGGER, Store } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import { DueJobs } from './due-jobs.js';
import { JobEnds } from './job-ends.js';
import { OutEvent } from './out-event.js';

/** A reader of the events of one job. */
export interface JobSink {
  readonly jobId: JobId;
  /** The number of the last event that the reader has; below 0 when it needs a snapshot first. */
  after: number;
  /** False while the reader has not taken earlier events. Nothing is read or kept for it then. */
  ready(): boolean;
  /** Gives events to the reader, in order and without gaps. */
  give(events: OutEvent[]): void;
  /** Called when the reader has all events of an ended job, or the job is gone. The reader was removed. */
  end(): void;
}

export const NEEDS_SNAPSHOT = -1;

/** How long wake-ups are gathered, so that many become one statement. */
const GATHER_MS = 20;
/** How often all watched jobs are read, also without wake-ups. */
const POLL_MS = 2_000;
const EVENTS_OF_A_READ = 200;

/**
 * Brings the events of watched jobs to their readers.
 *
 * Authority: the database, read from the number of each reader's last event. So a reader gets each event once and in order, however often this
 * hub is woken. Wake-ups make it fast; a lost one costs two seconds at most. Readers share one timer and the statements: all due jobs are
 * read together. Nothing is read for a slow reader, so that no events pile up here.
 */
@Injectable()
export class EventHub {
  private readonly watched = new Map<JobId, Set<JobSink>>();
  /** The callers that only wait for a job's end. */
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

  /** The number of watched jobs. */
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

  /** Wakes the readers of these jobs. It is only a hint that something has happened. */
  wake(jobIds: readonly JobId[]): void {
    this.ends.wake(jobIds);
    this.due.add(jobIds.filter((id) => this.watched.has(id)));
  }

  /** Call it when the reader can take more events. */
  resume(sink: JobSink): void {
    this.wake([sink.jobId]);
  }

  /** Wakes all readers. */
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
        // The events in between are no longer stored.
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
    // The ending event is sent after the snapshot, because readers wait for it.
    sink.after = isTerminal(job.state) ? job.events - 1 : job.events;
    sink.give([OutEvent.reset(sink.after, jobView(job))]);
  }

  private end(sink: JobSink): void {
    this.remove(sink);
    sink.end();
  }
}
