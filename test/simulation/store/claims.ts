import type { AttemptStore, ClaimedJob, ClaimFacts, ClaimRequest, JobId, LeaseToken, PublishId, WorkerId } from '@app/core';
import { MAX_CRASHES } from '@app/core';
import { hasSlots } from './limits.js';
import { appended, type JobRow, type OutboxRow, type Tables } from './tables.js';

/** CLAIM_JOBS: what is queued and under no suspicion. */
export function claimJobs(tables: Tables, workerId: WorkerId, requests: ClaimRequest[]): Map<JobId, ClaimedJob> {
  const granted = requests.flatMap((request) => {
    const row = tables.jobs.get(request.jobId);
    return row?.job.state === 'queued' &&
      isThere(tables, row, request) &&
      row.crashes === 0 &&
      mayStart(tables, row) &&
      !isLate(tables, row) &&
      row.job.attempt < row.job.maxAttempts
      ? [{ row, request }]
      : [];
  });
  for (const { row } of granted) tables.waitFor(row.job.id);
  return new Map(granted.map(({ row, request }) => [row.job.id, give(tables, row, workerId, request)]));
}

/** CLAIM_FACTS. */
export function claimFacts(tables: Tables, jobIds: JobId[]): Map<JobId, ClaimFacts> {
  return new Map(
    jobIds.flatMap((id) => {
      const row = tables.jobs.get(id);
      if (!row) return [];
      const { job, crashes, token, publishId, workerId } = row;
      const ownerAlive = job.state === 'running' && workerId !== null && !tables.leaseOver(workerId) && tables.presence.has(workerId);
      const ownerDied = job.state === 'running' && workerId !== null && !tables.presence.has(workerId);
      if (!ownerAlive && job.state === 'running' && token !== null) tables.seenGone.add(token);
      return [
        [
          id,
          {
            state: job.state,
            attempt: job.attempt,
            maxAttempts: job.maxAttempts,
            crashes,
            late: isLate(tables, row),
            token,
            publishId,
            workerId,
            ownerAlive,
            ownerDied,
            queue: job.queue,
            waits: row.job.state === 'queued' && !mayStart(tables, row),
          },
        ],
      ];
    }),
  );
}

/** CLAIM_SUSPECT. */
export function claimSuspect(tables: Tables, workerId: WorkerId, request: ClaimRequest): ClaimedJob | null {
  const row = tables.jobs.get(request.jobId);
  if (row?.job.state !== 'queued' || !isThere(tables, row, request) || isLate(tables, row) || !mayStart(tables, row) || row.job.attempt >= row.job.maxAttempts)
    return null;
  tables.waitFor(row.job.id);
  return give(tables, row, workerId, request);
}

/** TAKE_OVER. */
export function takeOver(tables: Tables, workerId: WorkerId, request: ClaimRequest, heldToken: LeaseToken, crashed: boolean): ClaimedJob | null {
  const row = tables.jobs.get(request.jobId);
  if (row?.job.state !== 'running' || row.token !== heldToken) return null;
  tables.waitFor(row.job.id);
  if (crashed && row.crashes + 1 >= MAX_CRASHES) return null;
  const attempt = row.job.attempt + Number(crashed && tables.defects.has('a lost worker costs an attempt'));
  const errors = crashed ? appended(row.job.errors, tables.workerLost(0)) : row.job.errors;
  const token = tables.defects.has('a take-over keeps the token') ? heldToken : request.token;
  const lease = { token, publishId: request.publishId, workerId, fence: row.fence + 1, crashes: row.crashes + Number(crashed) };
  tables.move(row, 'takenOver', lease, { attempt, errors }, { token: heldToken, workerId });
  return toClaimed(row);
}

type FreeSlots = Parameters<AttemptStore['claimOldest']>[3];

/** CLAIM_DUE: single-process mode, out of the outbox. */
export function claimDue(
  tables: Tables,
  workerId: WorkerId,
  queues: readonly string[] | null,
  limit: number,
  suspects: boolean,
  slots: FreeSlots,
): ClaimedJob[] {
  return claimFirst(tables, workerId, queues, limit, suspects, (a, b) => b.priority - a.priority || a.availableAt - b.availableAt, slots);
}

/** CLAIM_OLDEST. */
export function claimOldest(tables: Tables, workerId: WorkerId, queues: readonly string[] | null, limit: number, slots: FreeSlots): ClaimedJob[] {
  return claimFirst(tables, workerId, queues, limit, false, (a, b) => a.availableAt - b.availableAt, slots);
}

function claimFirst(
  tables: Tables,
  workerId: WorkerId,
  queues: readonly string[] | null,
  limit: number,
  suspects: boolean,
  order: (a: OutboxRow, b: OutboxRow) => number,
  slots: FreeSlots,
): ClaimedJob[] {
  let free = slots?.free ?? Infinity;
  const due = [...tables.outbox.values()]
    .filter((row) => row.type === 'job' && row.suspect === suspects && row.availableAt <= tables.now())
    .filter((row) => (queues?.includes(row.queue) ?? true) && tables.queues.get(row.queue) !== true)
    .sort(order)
    .slice(0, limit)
    .filter(({ jobIds: [id] }) => (free -= slots?.of.get(tables.jobs.get(id as JobId)?.job.kind ?? '') ?? 1) >= 0);
  const wanted = [...new Set(due.flatMap(({ jobIds }) => jobIds))].flatMap((id) => tables.jobs.get(id) ?? []);
  const rows = wanted.filter((row) => isDue(tables, row.job.state, row.job.runAt) && !isLate(tables, row) && row.job.attempt < row.job.maxAttempts);
  for (const { job } of rows) tables.waitFor(job.id);
  for (const { id } of due) tables.outbox.delete(id);
  return rows.map((row) => {
    if (row.job.state === 'scheduled') tables.move(row, 'due', {}, { runAt: null });
    return give(tables, row, workerId, { token: tables.id() as LeaseToken, publishId: null });
  });
}

/** OF_QUEUE: whether the message is of the queue that the job is in. */
function isThere(tables: Tables, { job }: JobRow, { queue }: ClaimRequest): boolean {
  return queue === undefined || queue === job.queue || tables.defects.has('a claim does not look at the queue of its message');
}

function mayStart(tables: Tables, row: JobRow): boolean {
  return tables.defects.has('a claim does not look whether the job has its slots') || hasSlots(tables, row);
}

/** It should have started by now. */
export function isLate(tables: Tables, { startBefore }: JobRow): boolean {
  return startBefore !== null && startBefore <= tables.now();
}

function isDue(tables: Tables, state: string, runAt: Date | null): boolean {
  return state === 'queued' || (state === 'scheduled' && runAt !== null && tables.time(runAt) <= tables.now());
}

export function claimedBy(tables: Tables, jobId: JobId, token: LeaseToken): ClaimedJob | null {
  const row = tables.jobs.get(jobId);
  return row?.job.state === 'running' && row.token === token ? toClaimed(row) : null;
}

function give(tables: Tables, row: JobRow, workerId: WorkerId, request: { token: LeaseToken; publishId: PublishId | null }): ClaimedJob {
  const attempt = row.job.attempt + (tables.defects.has('a claim does not count its attempt') ? 0 : 1);
  const startedAt = row.job.startedAt ?? tables.date(tables.now());
  const lease = { token: request.token, publishId: request.publishId, workerId, fence: row.fence + 1, startBefore: null };
  tables.room.delete(row.job.id);
  tables.move(row, 'claimed', lease, { attempt, startedAt }, { workerId });
  return toClaimed(row);
}

export function toClaimed({ job, token, publishId, fence, crashes }: JobRow): ClaimedJob {
  return { ...job, token: token as LeaseToken, publishId: publishId as PublishId, fence, crashes };
}
