import { HISTORY_MAX_POINTS, HISTORY_STEPS, type HistoryStep } from '@app/contracts/schemas';
import { FINE_SECONDS, FINE_STEP, Refusal } from '@app/core';
import { withoutUndefined } from '@app/host';
import { QueryReader } from '../jobs/list-query.js';

/** What is asked for; times in milliseconds, at the edges of steps. */
export interface HistoryQuery {
  from: number;
  to: number;
  stepSeconds: number;
  of: { queue?: string; kind?: string };
}

const STEPS = Object.keys(HISTORY_STEPS) as HistoryStep[];

/** Reads the query of `GET /stats/history`. `now`: by the store's clock. */
export function readHistoryQuery(query: Record<string, unknown>, now: number): HistoryQuery {
  const reader = new QueryReader(query, ['from', 'to', 'step', 'queue', 'kind']);
  const to = reader.time('to')?.getTime() ?? now;
  const from = reader.time('from')?.getTime() ?? to - FINE_SECONDS * 1_000;
  if (from >= to) throw refused('from', `before \`to\` (${new Date(to).toISOString()})`);
  const fine = from >= now - (FINE_SECONDS + FINE_STEP) * 1_000;
  const pointsOf = (step: HistoryStep) => Math.ceil((to - from) / 1_000 / HISTORY_STEPS[step]);
  const asked = reader.oneOf('step', STEPS);
  if (asked === '10s' && !fine) throw refused('step', `1m or more, for 10s are kept for ${FINE_SECONDS / 60} minutes; or from to be later`);
  const step = asked ?? STEPS.find((each) => (each !== '10s' || fine) && pointsOf(each) <= HISTORY_MAX_POINTS);
  if (step === undefined || pointsOf(step) > HISTORY_MAX_POINTS)
    throw refused('step', `so long that from, to and step make ${HISTORY_MAX_POINTS} points at most (${step ?? '1h'} makes ${pointsOf(step ?? '1h')})`);
  const ms = HISTORY_STEPS[step] * 1_000;
  return {
    from: Math.floor(from / ms) * ms,
    to: Math.ceil(to / ms) * ms,
    stepSeconds: HISTORY_STEPS[step],
    of: withoutUndefined({ queue: reader.text('queue'), kind: reader.text('kind') }),
  };
}

function refused(name: string, expected: string): Refusal {
  return new Refusal('malformed_request', `expected query parameter ${JSON.stringify(name)} to be ${expected}`);
}
