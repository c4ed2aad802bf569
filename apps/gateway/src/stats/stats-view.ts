import type { StatsUnavailable, StatsView } from '@app/contracts';
import { publicPath, type Stats, type Verdict } from '@app/core';
import { pauseView } from '../http/pause-note.js';

export function statsView(stats: Stats): StatsView {
  const { ledger } = stats;
  return {
    ...stats,
    at: stats.at.toISOString(),
    databaseMs: Math.round(stats.databaseMs * 10) / 10,
    verdict: verdictView(stats.verdict),
    ledger: ledger && { ...ledger, since: ledger.since.toISOString(), countedAt: ledger.countedAt.toISOString() },
    until: stats.until.toISOString(),
    queues: stats.queues.map((queue) => ({ ...queue, ...pauseView(queue) })),
    failures: stats.failures.map((group) => ({ ...group, lastAt: group.lastAt.toISOString() })),
  };
}

/** In place of figures while PostgreSQL does not answer. */
export function unavailableView(): StatsUnavailable {
  const message = 'PostgreSQL does not answer: nothing is accepted, and no job begins.';
  const verdict: Verdict = { ok: false, level: 'error', code: 'database_away', message, link: '/health/ready', more: 0 };
  return { at: new Date().toISOString(), verdict: verdictView(verdict) };
}

function verdictView(verdict: Verdict): Verdict {
  return { ...verdict, link: verdict.link === null ? null : publicPath(verdict.link) };
}
