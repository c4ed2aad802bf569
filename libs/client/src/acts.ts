import { ProblemError } from './errors.js';
import type { JobView, MatchingJobs } from './model.js';
import { quoted, randomKey } from './random-key.js';
import type { CallOptions, Transport } from './transport.js';

type Act = 'cancel' | 'redrive' | 'reprioritise' | 'move';

/** An act on many jobs. Resolves with the job that does it. */
export function actOnJobs(
  transport: Transport,
  act: Act,
  body: object,
  { idempotencyKey = randomKey(), ...call }: CallOptions & { idempotencyKey?: string } = {},
): Promise<JobView> {
  return transport.json({ method: 'POST', path: `/jobs/${act}`, body, headers: { 'idempotency-key': quoted(idempotencyKey) } }, call);
}

/** Its dry run. */
export function countJobs(transport: Transport, act: Act, which: object, call?: CallOptions): Promise<MatchingJobs> {
  return transport.json({ method: 'POST', path: `/jobs/${act}`, body: { ...which, dryRun: true } }, call);
}

/** An act on one job. A repeat is refused when the first try succeeded and only its answer was lost. The job then has the wanted state, so this is no error. */
export async function changeJob(
  transport: Transport,
  id: string,
  verb: 'cancel' | 'redrive',
  done: (job: JobView) => boolean,
  call?: CallOptions,
  body?: object,
): Promise<JobView> {
  const path = `/jobs/${encodeURIComponent(id)}`;
  let attempts = 0;
  try {
    return await transport.json({ method: 'POST', path: `${path}/${verb}`, onAttempt: () => attempts++, ...(body ? { body } : {}) }, call);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 409 || attempts < 2) throw error;
    const job = await transport.json<JobView>({ method: 'GET', path }, call);
    if (done(job)) return job;
    throw error;
  }
}
