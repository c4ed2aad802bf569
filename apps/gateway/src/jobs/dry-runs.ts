import type { DryRun } from '@app/contracts';
import { type LimitFacts, publicPath, Refusal, type Rehearsal, type Sees, SubmitJob, WhyJob } from '@app/core';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { takeJsonBody } from '../http/accept-json.js';
import { idempotencyKey } from '../submissions/http/idempotency-key.js';
import { readSubmission } from '../submissions/http/submission.dto.js';
import { aheadView, estimateView, reasonView } from './why-view.js';
import { seenBy, tenantOfCaller } from '../rights/tenant.js';

/** Whether the request only asks what would be. Refuses a value that is neither yes nor no: it would otherwise make a job that nobody wants. */
export function isDryRun({ query }: FastifyRequest): boolean {
  const { dryRun, ...others } = query as { dryRun?: unknown };
  for (const name in others) if (meansDryRun(name)) throw refused(name, `expected dryRun, got: ${name.slice(0, 50)}`, 'is spelled dryRun');
  if (dryRun === undefined || dryRun === 'false') return false;
  if (dryRun === '' || dryRun === 'true') return true;
  throw refused('dryRun', `expected dryRun to be true or false, once, got: ${JSON.stringify(dryRun).slice(0, 100)}`, 'must be true or false, once');
}

/** Refuses what is not to be done, where the request says so and there is no such thing: its jobs would be made. */
export function withoutDryRun({ query }: FastifyRequest): void {
  for (const name in query as object)
    if (meansDryRun(name)) throw refused(name, 'a batch has no dry run; ask for one of its jobs with POST /jobs?dryRun', 'is for one job at a time');
}

function meansDryRun(name: string): boolean {
  return name.length < 20 && name.replaceAll(/[-_]/g, '').toLowerCase() === 'dryrun';
}

function refused(name: string, message: string, detail: string): Refusal {
  return new Refusal('malformed_request', message, [{ pointer: `/${name}`, detail }]);
}

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
