import { type JobId, type JobState, type Sees, WhyJob } from '@app/core';
import { Injectable } from '@nestjs/common';
import { noSuchJob } from '../jobs/job-id.js';
import { whyView } from '../jobs/why-view.js';
import { unavailableView } from '../stats/stats-view.js';
import { type Look, SharedLooks } from './shared-looks.js';
import type { SseStream } from './sse-stream.js';

const WAITS: ReadonlySet<JobState> = new Set(['scheduled', 'queued']);

/** Tells readers of a job's events why it waits, for as long as it does. */
@Injectable()
export class WhyBeside {
  constructor(
    private readonly whyJob: WhyJob,
    private readonly looks: SharedLooks,
  ) {}

  /** Call what it returns with each state of the job, and `left` when the stream is over. */
  follow(jobId: JobId, sees: Sees, stream: SseStream): { state: (state: JobState) => void; left: () => void } {
    let leave: (() => void) | undefined;
    const reader = {
      get ready() {
        return stream.ready;
      },
      // Their numbers are not those of the job's events, after which a reader goes on.
      send: (events: Parameters<SseStream['send']>[0]) => stream.send(events, () => null),
    };
    const left = () => {
      leave?.();
      leave = undefined;
    };
    return {
      left,
      state: (state) => {
        if (WAITS.has(state)) leave ??= this.looks.read(this.look(jobId, sees), reader);
        else left();
      },
    };
  }

  /** Other jobs of its queue are before it: it is one of those that any job changes. */
  private look(jobId: JobId, sees: Sees): Look {
    const look = async () => {
      const why = await this.whyJob.why(jobId, sees);
      if (!why) throw noSuchJob(jobId);
      return whyView(why);
    };
    return { key: JSON.stringify(['why', jobId, sees]), name: 'why', look, away: unavailableView, ofJobs: true };
  }
}
