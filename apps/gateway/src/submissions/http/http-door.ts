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
    const [submitted] = await this.counted(async () => [await this.submitJob.submit(read())]);
    return submitted as Submitted;
  }

  submitAll(read: () => SubmitRequest[]): Promise<Submitted[]> {
    return this.counted(() => this.submitJob.submitAll(read()));
  }

  private async counted(submit: () => Promise<Submitted[]>): Promise<Submitted[]> {
    try {
      const submitted = await submit();
      for (const { job, replayed } of submitted)
        this.metrics.count('submissions_total', { door: 'http', outcome: replayed ? 'replayed' : 'accepted', kind: job.kind });
      return submitted;
    } catch (error) {
      this.metrics.count('submissions_refused_total', { door: 'http', reason: error instanceof Refusal ? error.code : 'unavailable' });
      throw error;
    }
  }
}
