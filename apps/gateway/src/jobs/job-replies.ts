import { createHash } from 'node:crypto';
import { type JobView, jobView } from '@app/contracts';
import { isTerminal, type Job } from '@app/core';
import type { FastifyReply } from 'fastify';

/** Seconds until it is worth asking again about a job that has not ended. */
export function retryAfter(job: Job): number {
  if (job.state !== 'scheduled' || !job.runAt) return 2;
  return Math.max(1, Math.min(3_600, Math.ceil((job.runAt.getTime() - Date.now()) / 1_000)));
}

/** The answer to a submission: 202 with where to look, or 200 when the caller waited to the end. */
export function replyAccepted(reply: FastifyReply, job: Job, waited: number, replayed: boolean): JobView {
  void reply.header('location', `/jobs/${job.id}`).header('vary', 'Prefer');
  if (replayed) void reply.header('idempotency-replayed', 'true');
  if (waited > 0) void reply.header('preference-applied', `wait=${waited}`);
  const ended = waited > 0 && isTerminal(job.state);
  if (!isTerminal(job.state)) void reply.header('retry-after', String(retryAfter(job)));
  void reply.code(ended ? 200 : 202);
  return jobView(job);
}

/** A job's view with its validator; undefined, and 304, for a caller who has it already. */
export function replyCurrent(reply: FastifyReply, job: Job, ifNoneMatch: string | undefined): JobView | undefined {
  const view = jobView(job);
  const etag = `"${createHash('sha256').update(JSON.stringify(view)).digest('base64url').slice(0, 22)}"`;
  void reply.header('etag', etag).header('cache-control', 'no-cache').header('vary', 'Prefer');
  if (!isTerminal(job.state)) void reply.header('retry-after', String(retryAfter(job)));
  if (!matches(ifNoneMatch, etag)) return view;
  void reply.code(304);
  return undefined;
}

/** RFC 9110, 13.1.2: weak comparison. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch?.split(',').some((entry) => entry.trim() === '*' || entry.trim().replace(/^W\//, '') === etag) ?? false;
}
