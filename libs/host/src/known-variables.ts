import { editDistance, type Logger, nearest } from '@app/core';
import { VARIABLES } from './variables.js';

/** All that gateway and worker read. */
export const KNOWN_VARIABLES: readonly string[] = Object.values(VARIABLES)
  .flat()
  .flatMap(({ names }) => names);

/** Names that begin so are Longhaul's, or meant to be. */
const OURS = /^(LONGHAUL|WORKER|ADMISSION|RETENTION|WEBHOOK|EMAIL|EVENT|FILES|FANOUT|LEASE|HANDOVER|DRAIN|IDEMPOTENCY)_/;
/** In any other name so many letters may differ. */
const SLIP = 2;
const SHORT = 8;

/** Variables that are set, not known, and near a known one: `WORKER_CONCURENCY`. A process may have many that are not ours. */
export function slips(values: NodeJS.ProcessEnv): { variable: string; meant: string }[] {
  const known = new Set(KNOWN_VARIABLES);
  return Object.keys(values).flatMap((variable) => {
    if (known.has(variable)) return [];
    const meant = nearest(variable, KNOWN_VARIABLES);
    if (meant === undefined) return [];
    const written = variable.toUpperCase();
    const near = OURS.test(written) || (variable.length >= SHORT && editDistance(written, meant) <= SLIP);
    return near ? [{ variable, meant }] : [];
  });
}

/** Says once what is set and read by nobody. Their values are not told: they may be secrets. */
export function warnOfSlips(values: NodeJS.ProcessEnv, logger: Logger): void {
  for (const { variable, meant } of slips(values)) {
    logger.warn({ variable, meant }, `${variable} is set and nothing reads it; did you mean ${meant}?`);
  }
}

/** Says once which of the queues to take from there are not: it may be a slip, and nothing would ever come. */
export function warnOfQueues(wanted: readonly string[], known: Iterable<string>, logger: Logger): void {
  const queues = new Set(known);
  for (const queue of wanted) {
    if (queues.has(queue)) continue;
    const meant = nearest(queue, queues);
    const hint = meant === undefined ? `there are ${[...queues].sort().slice(0, 20).join(', ')}` : `did you mean ${JSON.stringify(meant)}?`;
    logger.warn({ queue }, `WORKER_QUEUES names ${JSON.stringify(queue)}, to which no kind and no setting sends jobs; ${hint}`);
  }
}
