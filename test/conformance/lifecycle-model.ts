import { MAX_CRASHES, type SettleEvent } from '@app/core';

/** One job as the documentation tells it, in as few words as possible: what the store has to agree with. */
export interface ModelJob {
  state: 'scheduled' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  attempt: number;
  readonly maxAttempts: number;
  fence: number;
  crashes: number;
  redrives: number;
  cancelRequested: boolean;
  /** Which of the tokens given out so far is the current one; null while nobody runs it. */
  lease: number | null;
  /** Its rows in the outbox. */
  jobRows: number;
  eventRows: number;
  deadLetters: number;
  /** It should start before a time that has not come, or that has; false when it need not, or has started. */
  bound: false | 'ahead' | 'over';
}

export function submit(maxAttempts: number, delayed: boolean, bound = false): ModelJob {
  const nothing = {
    attempt: 0,
    fence: 0,
    crashes: 0,
    redrives: 0,
    cancelRequested: false,
    lease: null,
    eventRows: 0,
    deadLetters: 0,
    bound: bound && ('ahead' as const),
  };
  return { ...nothing, state: delayed ? 'scheduled' : 'queued', maxAttempts, jobRows: 1 };
}

export function mayClaim(job: ModelJob): boolean {
  return job.state === 'queued' && job.bound !== 'over' && job.attempt < job.maxAttempts;
}

export function claim(job: ModelJob, lease: number): void {
  Object.assign(job, { state: 'running', attempt: job.attempt + 1, fence: job.fence + 1, lease, bound: false });
}

/** What should have started by now, and has not, fails wherever it waits. */
export function expire(job: ModelJob): void {
  if (job.bound === 'over' && (job.state === 'queued' || job.state === 'scheduled')) end(job, 'failed', true);
}

export function takeOver(job: ModelJob, lease: number, crashed: boolean): boolean {
  if (job.state !== 'running' || (crashed && job.crashes + 1 >= MAX_CRASHES)) return false;
  const counted = Number(crashed);
  Object.assign(job, { crashes: job.crashes + counted, fence: job.fence + 1, lease });
  return true;
}

/** Only the current lease writes. */
export function settle(job: ModelJob, lease: number, event: SettleEvent, announce: boolean): void {
  if (job.state !== 'running' || job.lease !== lease) return;
  job.lease = null;
  if (event === 'snoozed' || event === 'interrupted') job.attempt--;
  if (event === 'succeeded' || event === 'failed' || event === 'cancelled') end(job, event, announce);
  else if (job.cancelRequested) end(job, 'cancelled', announce);
  else {
    job.state = event === 'interrupted' ? 'queued' : 'scheduled';
    job.jobRows++;
  }
}

export function exhaust(job: ModelJob): void {
  const lost = job.state === 'running' && job.crashes + 1 >= MAX_CRASHES;
  if (!lost && !(job.state === 'queued' && job.attempt >= job.maxAttempts)) return;
  job.crashes += Number(lost);
  job.lease = null;
  end(job, 'failed', false);
}

export function cancel(job: ModelJob): boolean {
  if (job.state === 'running') job.cancelRequested = true;
  else if (job.state === 'queued' || job.state === 'scheduled') {
    job.cancelRequested = true;
    end(job, 'cancelled', true);
  } else return false;
  return true;
}

export function redrive(job: ModelJob): boolean {
  if (job.state !== 'failed') return false;
  Object.assign(job, { state: 'queued', attempt: 0, crashes: 0, cancelRequested: false, redrives: job.redrives + 1, jobRows: job.jobRows + 1 });
  return true;
}

export function defer(job: ModelJob): void {
  if (job.state !== 'queued') return;
  job.state = 'scheduled';
  job.jobRows++;
}

/** The worker that runs it is lost, and a sweeper moves it on. */
export function lose(job: ModelJob): void {
  if (job.state !== 'running') return;
  job.lease = null;
  job.crashes++;
  job.attempt--;
  if (job.cancelRequested) end(job, 'cancelled', true);
  else if (job.crashes >= MAX_CRASHES) end(job, 'failed', true);
  else {
    job.state = 'queued';
    job.jobRows++;
  }
}

/** Everything due is taken, and what has become pointless dropped; true: something is to be published. */
export function take(job: ModelJob): boolean {
  if (job.bound === 'ahead') job.bound = 'over';
  if (job.state === 'scheduled' && job.jobRows > 0) job.state = 'queued';
  const ended = job.state === 'succeeded' || job.state === 'failed' || job.state === 'cancelled';
  if (ended) job.jobRows = 0;
  else job.eventRows = 0;
  return job.jobRows + job.eventRows > 0;
}

function end(job: ModelJob, state: 'succeeded' | 'failed' | 'cancelled', announce: boolean): void {
  job.state = state;
  job.bound = false;
  if (announce) job.eventRows++;
  if (state === 'failed') job.deadLetters++;
}
