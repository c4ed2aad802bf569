import { type Metrics, Refusal, SubmitJob, type SubmitRequest, type Submitted } from '@app/core';
import { METRICS } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';

/** Reads and submits the job of a request, and counts the result. Reading is part of it, because an unreadable request counts as refused. */
@Injectable()
export class HttpDoor {
  constructor(
    private readonly submitJob: SubmitJob,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {}

  async submit(read: () => SubmitRequest): Promise<Submitted> {
    try {
      const submitted = await this.submitJob.submit(read());
      this.countAccepted(submitted);
      return submitted;
    } catch (error) {
      throw this.counted(error);
    }
  }

  async submitAll(read: () => SubmitRequest[]): Promise<Submitted[]> {
    try {
      const submitted = await this.submitJob.submitAll(read());
      for (const each of submitted) this.countAccepted(each);
      return submitted;
    } catch (error) {
      throw this.counted(error);
    }
  }

  private countAccepted({ job, replayed }: Submitted): void {
    this.metrics.count('submissions_total', { door: 'http', outcome: replayed ? 'replayed' : 'accepted', kind: job.kind });
  }

  private counted(error: unknown): unknown {
    this.metrics.count('submissions_refused_total', { door: 'http', reason: error instanceof Refusal ? error.code : 'unavailable' });
    return error;
  }
}
