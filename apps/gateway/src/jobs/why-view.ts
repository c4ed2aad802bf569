import type { WhyReason as WireReason, WhyView } from '@app/contracts';
import { type JobCount, publicPath, type Why, type WhyReason } from '@app/core';

/** Why a job waits, as `GET /jobs/{id}/why` shows it. */
export function whyView({ id, state, reasons, start, confidence }: Why): WhyView {
  return { id, state, reasons: reasons.map(reasonView), ...estimateView({ start, confidence }), links: { job: publicPath(`/jobs/${id}`) } };
}

export function estimateView({ start, confidence }: Pick<Why, 'start' | 'confidence'>): Pick<WhyView, 'estimatedStart' | 'confidence'> {
  return { estimatedStart: start?.toISOString() ?? null, confidence };
}

export function aheadView({ jobs, exact }: JobCount): { ahead: number; aheadIsExact: boolean } {
  return { ahead: jobs, aheadIsExact: exact };
}

export function reasonView(reason: WhyReason): WireReason {
  switch (reason.code) {
    case 'paused':
    case 'published':
    case 'running':
      return { ...reason, since: reason.since.toISOString() };
    case 'scheduled':
      return { ...reason, until: reason.until.toISOString() };
    case 'no_worker':
    case 'broker_away':
      return reason;
    case 'limit':
      return { ...reason, ...aheadView(reason.ahead) };
    case 'rate':
      return { ...reason, nextAt: reason.nextAt.toISOString(), ...aheadView(reason.ahead) };
    case 'behind':
      return { ...reason, ...aheadView(reason.ahead) };
  }
}
