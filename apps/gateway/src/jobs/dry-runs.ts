import type { DryRun } from '@app/contracts';
import { type LimitFacts, publicPath, type Rehearsal, type Sees, SubmitJob, WhyJob } from '@app/core';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { takeJsonBody } from '../http/accept-json.js';
import { idempotencyKey } from '../submissions/http/idempotency-key.js';
import { readSubmission } from '../submissions/http/submission.dto.js';
import { aheadView, estimateView, reasonView } from './why-view.js';
import { seenBy, tenantOfCaller } from '../rights/tenant.js';

/** Answers `POST /jobs?dryRun`: what a job would meet that is submitted now. It passes all that a submission passes, and nothing is stored. */
@Injectable()
export class DryRuns {
  constructor(
    private readonly submitJob: SubmitJob,
    private readonly whyJob: WhyJob,
  ) {}

  async answer(request: FastifyRequest): Promise<DryRun> {
    const { value, source } = takeJsonBody(request);
    const key = idempotencyKey(request.headers['idempotency-key']);
    const submission = readSubmission(value, source);
    submission.tenant = tenantOfCaller(request);
    if (key !== undefined) submission.idempotencyKey = key;
    return this.view(await this.submitJob.rehearse(submission), seenBy(request));
  }

  private async view(rehearsal: Rehearsal, sees: Sees): Promise<DryRun> {
    if ('replayed' in rehearsal) {
      const { id, kind, queue, priority } = rehearsal.replayed;
      const nothing = { limits: [], reasons: [], ...aheadView({ jobs: 0, exact: true }), ...estimateView({ start: null, confidence: null }) };
      return { dryRun: true, existing: id, kind, queue, priority, ...nothing, links: { existing: publicPath(`/jobs/${id}`) } };
    }
    const { kind, queue, priority, runAt, delayMs } = rehearsal.job;
    const { ahead, reasons, limits, start, confidence } = await this.whyJob.outlook(
      { kind, queue, priority, runAt, delayMs, limitKeys: rehearsal.limitKeys },
      sees,
    );
    const met = { limits: limits.map(limitView), reasons: reasons.map(reasonView), ...aheadView(ahead), ...estimateView({ start, confidence }) };
    return { dryRun: true, existing: null, kind, queue, priority, ...met, links: {} };
  }
}

function limitView({ key, capacity, held, nextAt }: LimitFacts): DryRun['limits'][number] {
  return { limit: key, capacity, held, nextAt: nextAt?.toISOString() ?? null };
}
