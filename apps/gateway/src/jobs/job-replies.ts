import { createHash } from 'node:crypto';
import type { JobDetail, JobView } from '@app/contracts';
import { jobDetailView, jobView } from '@app/views';
import { isTerminal, type JobDetail as StoredDetail, type JobSummary, publicPath, type Submitted, writeJson } from '@app/core';
import type { FastifyReply } from 'fastify';
import { PAGE_POLICY } from '../http/page.js';
import { addVary } from '../http/vary.js';
import { jobPage } from './job-page.js';

/** The seconds for a kind of which no run time is known. */
const USUAL_SECONDS = 2;
/** The longest pause: with a longer one the end of a job that is faster than others would be noticed late. */
const LONGEST_SECONDS = 60;

/**
 * Seconds until it is worth asking again about a job that has not ended, by how long jobs of its kind run (`usual`, in seconds).
 * `now` is the store's time, as the job's times are.
 */
export function retryAfter(job: JobSummary, usual: number | undefined, now: number): number {
  const usualMs = (usual ?? USUAL_SECONDS) * 1_000;
  const until = (time: number, longest = LONGEST_SECONDS) => Math.max(1, Math.min(longest, Math.ceil((time - now) / 1_000)));
  if (job.state === 'scheduled' && job.runAt) return until(job.runAt.getTime(), 3_600);
  if (job.state !== 'running' || !job.startedAt) return until(now + usualMs);
  if (job.progress?.estimatedEnd) return until(Date.parse(job.progress.estimatedEnd));
  const left = job.startedAt.getTime() + usualMs - now;
  // The job runs longer than most, so ask less and less often.
  return until(now + (left > 0 ? left : -left / 10 + 1_000));
}

/** The facts on which answers about a running job depend. */
export interface Outlook {
  /** How long jobs of its kind run, in seconds; undefined while nothing is known. */
  usual: number | undefined;
  /** The store's time, in milliseconds. */
  now: number;
}

/** Status and headers of the answer to a submission: 202 with where to look, or 200 when the caller waited to the end. */
export function replyAccepted(
  reply: FastifyReply,
  job: JobSummary,
  { usual, now }: Outlook,
  waited: number,
  made: Pick<Submitted, 'replayed' | 'waiting'>,
): JobSummary {
  addVary(reply.header('location', publicPath(`/jobs/${job.id}`)), 'Prefer');
  if (made.replayed) void reply.header(made.waiting ? 'unique-replayed' : 'idempotency-replayed', 'true');
  if (waited > 0) void reply.header('preference-applied', `wait=${waited}`);
  const ended = waited > 0 && isTerminal(job.state);
  if (!isTerminal(job.state)) void reply.header('retry-after', String(retryAfter(job, usual, now)));
  void reply.code(ended ? 200 : 202);
  return job;
}

/** 202 with the job that does what was asked for. */
export function replyStarted(reply: FastifyReply, job: JobSummary): JobView {
  void reply.code(202).header('location', publicPath(`/jobs/${job.id}`));
  return jobView(job);
}

/** A job's view with its validator; undefined, and 304, for a caller who has it already. */
export function replyCurrent(
  reply: FastifyReply,
  view: JobDetail,
  job: StoredDetail,
  { usual, now }: Outlook,
  ifNoneMatch: string | undefined,
): JobDetail | undefined {
  const etag = `"${createHash('sha256').update(writeJson(view)).digest('base64url').slice(0, 22)}"`;
  addVary(reply.header('etag', etag), 'Prefer');
  if (!isTerminal(job.state)) void reply.header('retry-after', String(retryAfter(job, usual, now)));
  if (!matches(ifNoneMatch, etag)) return view;
  void reply.code(304);
  return undefined;
}

/** The job as a page for people. It has no validator, because its relative times change. */
export function replyPage(reply: FastifyReply, job: StoredDetail, { usual, now }: Outlook): string {
  const again = isTerminal(job.state) ? undefined : retryAfter(job, usual, now);
  addVary(reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY), 'Prefer');
  return jobPage(jobDetailView(job), again);
}

/** RFC 9110, 13.1.2: weak comparison. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch?.split(',').some((entry) => entry.trim() === '*' || entry.trim().replace(/^W\//, '') === etag) ?? false;
}
