import { editDistance, type Logger, nearest } from '@app/core';
import { type MoreVariables, VARIABLES } from './variables.js';

/** All variables that gateway and worker read, without those of channels. */
export const KNOWN_VARIABLES: readonly string[] = Object.values(VARIABLES)
  .flat()
  .flatMap(({ names }) => names);

const NO_MORE: Pick<MoreVariables, 'variables' | 'prefixes'> = { variables: [], prefixes: [] };

/** A variable whose name begins like this is Longhaul's, or was meant to be. */
const OURS = /^(LONGHAUL|WORKER|ADMISSION|RETENTION|WEBHOOK|EVENT|FILES|FANOUT|LEASE|HANDOVER|DRAIN|IDEMPOTENCY)_/;
/** A variable with another name counts as a typing mistake when so many letters differ at most. */
const SLIP = 2;
const SHORT = 8;

/** Variables that are set and unknown but similar to a known one, such as `WORKER_CONCURENCY`. A process may have many variables of other programs. */
export function slips(values: NodeJS.ProcessEnv, { variables, prefixes } = NO_MORE): { variable: string; meant: string }[] {
  const all = [...KNOWN_VARIABLES, ...variables.flatMap(({ names }) => names)];
  const known = new Set(all);
  return Object.keys(values).flatMap((variable) => {
    if (known.has(variable)) return [];
    const meant = nearest(variable, all);
    if (meant === undefined) return [];
    const written = variable.toUpperCase();
    const ours = OURS.test(written) || prefixes.some((prefix) => written.startsWith(`${prefix}_`));
    const near = ours || (variable.length >= SHORT && editDistance(written, meant) <= SLIP);
    return near ? [{ variable, meant }] : [];
  });
}

/** Warns once of variables that are set and that nothing reads. It does not log their values, which may be secrets. */
export function warnOfSlips(values: NodeJS.ProcessEnv, logger: Logger, more = NO_MORE): void {
  for (const { variable, meant } of slips(values, more)) {
    logger.warn({ variable, meant }, `${variable} is set and nothing reads it; did you mean ${meant}?`);
  }
}

/** Warns once of wanted queues that do not exist: the name may be a typing mistake, and no job would ever come. */
export function warnOfQueues(wanted: readonly string[], known: Iterable<string>, logger: Logger): void {
  const queues = new Set(known);
  for (const queue of wanted) {
    if (queues.has(queue)) continue;
    const meant = nearest(queue, queues);
    const hint = meant === undefined ? `there are ${[...queues].sort().slice(0, 20).join(', ')}` : `did you mean ${JSON.stringify(meant)}?`;
    logger.warn({ queue }, `WORKER_QUEUES names ${JSON.stringify(queue)}, to which no kind and no setting sends jobs; ${hint}`);
  }
}
