import type {
  AttemptStore,
  ClaimAnswer,
  ClaimedJob,
  ClaimRequest,
  FreedSlots,
  Job,
  JobError,
  JobId,
  JobState,
  JsonText,
  LeaseToken,
  PublishId,
  SettleAnswer,
  SettledJob,
  SettleEvent,
  Settlement,
  WorkerId,
} from '@app/core';
import { isSealed, jobError, MAX_CRASHES, transition } from '@app/core';
import type { EntityManager } from 'typeorm';
import { type Database, MARKED, statement } from '../pool/database.js';
import { joinedTexts } from '../pool/joined-texts.js';
import { uuidArray } from '../pool/uuid-array.js';
import { changeQueued, withJobsLocked } from '../flow/change-queued.js';
import { byToken, first, isPlain } from './attempt-rows.js';
import { eventsColumn } from './event-columns.js';
import {
  type ClaimedRow,
  jobColumns,
  type JobRow,
  type LeanClaimedRow,
  leanToClaimedJob,
  type PlainSettledRow,
  type SettledRow,
  toClaimedJob,
  toJob,
  toPlainSettledJob,
  toSettledJob,
} from './job-row.js';
import { CLAIM_DUE, CLAIM_DUE_IN_SLOTS, CLAIM_OLDEST, CLAIM_SUSPECT, TAKE_OVER } from './claim-jobs.js';
import { Claims } from './claims.js';
import { FIND_BY_ID } from '../control/read-jobs.js';
import { expireJob } from './expire-jobs.js';
import { HOLD_BACK } from './hold-back.js';
import { PUT_BACK } from './put-back.js';
import type { Owner } from '../sealed/owners.js';
import { openStep, sealedResults, sealedStep, withPlainResults } from '../sealed/results.js';
import { freedSlots, type HandedRow } from '../flow/hand-on.js';
import { awaitTurn, claimLimited } from '../flow/claim-limited.js';
import { SETTLE_PLAIN } from './settle-plain.js';
import { ANNOUNCE_LATER, DEFER_JOB, EXHAUST_JOB, SETTLE_JOBS, SETTLED_BEFORE } from './settle-jobs.js';

const CLAIMED_BY = statement('job:claimed-by', `SELECT ${jobColumns()} FROM lh.jobs WHERE id = $1 AND lease_token = $2 AND state = 'running'`, MARKED);
const OUTCOME_OF = statement('job:outcome-of', 'SELECT state, lease_token = $2 AS mine FROM lh.jobs WHERE id = $1');
const HOLDS_JOB = statement('job:holds', `SELECT id FROM lh.jobs WHERE id = $1 AND lease_token = $2 AND state = 'running'`);
const READ_STEP = statement(
  'step:read',
  `SELECT j.lease_token = $2 AND j.state = 'running' AS held, s.result::text AS result
   FROM lh.jobs j LEFT JOIN lh.job_steps s ON s.job_id = j.id AND s.name = $3 WHERE j.id = $1`,
);
const SAVE_STEP = statement(
  'step:save',
  `INSERT INTO lh.job_steps (job_id, name, result)
   SELECT id, $3, $4::json FROM lh.jobs WHERE id = $1 AND lease_token = $2 AND state = 'running' FOR KEY SHARE
   ON CONFLICT (job_id, name) DO UPDATE SET result = excluded.result RETURNING name`,
);

/** An attempt that was interrupted or snoozed does not count. */
const REFUNDED: ReadonlySet<SettleEvent> = new Set(['interrupted', 'snoozed']);

export class PostgresAttempts implements AttemptStore<EntityManager> {
  private readonly claims: Claims;

  constructor(
    private readonly db: Database,
    private readonly maxCrashes = MAX_CRASHES,
    /** For so long the row of a job that has got the slot of another is left to this process, to be published; 0 where it is taken out of the outbox. */
    private readonly handOnSeconds = 1,
  ) {
    this.claims = new Claims(db, (rows) => this.told(rows));
  }

  claim(workerId: WorkerId, requests: ClaimRequest[]): Promise<ClaimAnswer[]> {
    return this.claims.claim(workerId, requests);
  }

  async awaitTurn(jobId: JobId, queue?: string): Promise<void> {
    await awaitTurn(this.db, jobId, queue);
  }

  async claimDue(
    workerId: WorkerId,
    queues: readonly string[] | null,
    limit: number,
    suspects: boolean,
    slots?: Parameters<AttemptStore['claimDue']>[4],
  ): Promise<ClaimedJob[]> {
    const parameters = [queues, limit, workerId, suspects];
    const claimed = slots
      ? this.db.run<LeanClaimedRow>(CLAIM_DUE_IN_SLOTS, [...parameters, slots.free, [...slots.of.keys()], [...slots.of.values()]])
      : this.db.run<LeanClaimedRow>(CLAIM_DUE, parameters);
    return this.told(await claimed).map(leanToClaimedJob);
  }

  async claimOldest(...[workerId, queues, limit, slots]: Parameters<AttemptStore['claimOldest']>): Promise<ClaimedJob[]> {
    const { free, of } = slots ?? { free: limit, of: new Map<string, number>() };
    const claimed = await this.db.run<LeanClaimedRow>(CLAIM_OLDEST, [queues, limit, workerId, false, free, [...of.keys()], [...of.values()]]);
    return this.told(claimed).map(leanToClaimedJob);
  }

  async claimSuspect(workerId: WorkerId, request: ClaimRequest): Promise<ClaimedJob | null> {
    const { jobId, publishId, token, queue } = request;
    const values = [jobId, publishId, token, workerId, queue ?? null];
    const claimed = first(this.told(await this.db.run<ClaimedRow>(CLAIM_SUSPECT, values)), toClaimedJob);
    return claimed ?? first(this.told(await claimLimited(this.db, workerId, [request], true)), toClaimedJob);
  }

  async takeOver(workerId: WorkerId, { jobId, publishId, token }: ClaimRequest, heldToken: LeaseToken, crashed: boolean): Promise<ClaimedJob | null> {
    const lost = JSON.stringify(jobError(new Error('the worker that ran it was lost'), 'worker_lost', 0));
    return first(
      this.told(await this.db.run<ClaimedRow>(TAKE_OVER, [jobId, publishId, token, workerId, heldToken, crashed, lost, this.maxCrashes])),
      toClaimedJob,
    );
  }

  async claimedBy(jobId: JobId, token: LeaseToken): Promise<ClaimedJob | null> {
    return first(await this.db.run<JobRow>(CLAIMED_BY, [jobId, token]), toClaimedJob);
  }

  async exhaust(jobId: JobId, publishId: PublishId | null, heldToken: LeaseToken | null, error: JobError): Promise<boolean> {
    const reason = JSON.stringify(error);
    return this.toldAsLetters(await changeQueued<{ id: string }>(this.db, EXHAUST_JOB, [jobId, publishId, heldToken, reason, this.maxCrashes])).length > 0;
  }

  async expire(jobId: JobId, publishId: PublishId | null): Promise<boolean> {
    return this.toldAsLetters(await expireJob(this.db, jobId, publishId)).length > 0;
  }

  async defer(jobId: JobId, delayMs: number, giveUpMs: number, error: JobError): Promise<void> {
    this.told(await changeQueued<{ id: string }>(this.db, DEFER_JOB, [jobId, delayMs, giveUpMs, JSON.stringify(error)]));
  }

  async putBack(jobIds: JobId[], size: number): Promise<JobId[]> {
    const put = (await this.db.run<{ id: JobId }>(PUT_BACK, [jobIds, size, false])).map(({ id }) => id);
    const rest = jobIds.filter((id) => !put.includes(id));
    if (rest.length === 0) return put;
    const limited = await withJobsLocked(this.db, rest, (transaction) => this.db.run<{ id: JobId }>(PUT_BACK, [rest, size, true], transaction));
    return [...put, ...limited.map(({ id }) => id)];
  }

  async holdBack(jobIds: JobId[]): Promise<JobId[]> {
    const held = (await this.db.run<{ id: JobId }>(HOLD_BACK, [jobIds, false])).map(({ id }) => id);
    const rest = jobIds.filter((id) => !held.includes(id));
    if (rest.length === 0) return held;
    const limited = await withJobsLocked(this.db, rest, (transaction) => this.db.run<{ id: JobId }>(HOLD_BACK, [rest, true], transaction));
    return [...held, ...limited.map(({ id }) => id)];
  }

  async settle(settlements: Settlement[], transaction?: EntityManager): Promise<SettleAnswer[]> {
    const settled = new Map<string | null, SettledJob>();
    const plain = transaction ? [] : settlements.filter((settlement) => isPlain(settlement) && !this.claims.isLimited(settlement.kind));
    if (plain.length > 0) await this.settlePlain(plain, settled);
    const others = settlements.filter(({ token }) => !settled.has(token));
    const slots = others.length > 0 ? await this.settleAny(others, settled, transaction) : undefined;
    return settlements.map(({ token }, index) => {
      const job = settled.get(token);
      const answer: SettleAnswer = job ? { settled: true, job } : { settled: false };
      return index === 0 && slots ? { ...answer, slots } : answer;
    });
  }

  async announceLater(jobId: JobId): Promise<void> {
    await this.db.run(ANNOUNCE_LATER, [jobId]);
  }

  async find(jobId: JobId): Promise<Job | null> {
    return first(await this.db.run<JobRow>(FIND_BY_ID, [jobId, null]), toJob);
  }

  async outcomeOf(jobId: JobId, token: LeaseToken): Promise<'running' | 'settled' | 'lost'> {
    const [row] = await this.db.run<{ state: JobState; mine: boolean }>(OUTCOME_OF, [jobId, token]);
    if (!row?.mine) return 'lost';
    return row.state === 'running' ? 'running' : 'settled';
  }

  async holds(transaction: EntityManager, jobId: JobId, token: LeaseToken): Promise<boolean> {
    return (await this.db.run(HOLDS_JOB, [jobId, token], transaction)).length > 0;
  }

  async readStep(jobId: JobId, token: LeaseToken, name: string, of?: Owner): Promise<{ held: boolean; result: JsonText | null }> {
    const [row] = await this.db.run<{ held: boolean | null; result: JsonText | null }>(READ_STEP, [jobId, token, name]);
    const result = row?.result ?? null;
    return { held: row?.held ?? false, result: result === null || !isSealed(result) ? result : await openStep(this.db, result, jobId, name, of) };
  }

  async saveStep(jobId: JobId, token: LeaseToken, name: string, result: JsonText, of?: Owner): Promise<boolean> {
    const stored = this.db.data.isOn ? await sealedStep(this.db, result, jobId, name, of) : result;
    return (await this.db.run(SAVE_STEP, [jobId, token, name, stored])).length > 0;
  }

  private async settlePlain(settlements: Settlement[], settled: Map<string | null, SettledJob>): Promise<void> {
    const [ids, tokens] = [uuidArray(settlements.map(({ jobId }) => jobId)), uuidArray(settlements.map(({ token }) => token))];
    const results = this.db.data.isOn ? await sealedResults(this.db, settlements) : settlements.map(({ result }) => result);
    const values = [ids, tokens, joinedTexts(results)];
    const rows = byToken(this.told(await this.db.run<PlainSettledRow>(SETTLE_PLAIN, values)));
    for (const { token, result } of settlements) {
      const row = rows.get(token);
      if (row) settled.set(token, toPlainSettledJob(row, result ?? null));
    }
  }

  private async settleAny(settlements: Settlement[], settled: Map<string | null, SettledJob>, transaction?: EntityManager): Promise<FreedSlots | undefined> {
    const column = <Value>(pick: (settlement: Settlement) => Value) => settlements.map(pick);
    const results = this.db.data.isOn ? await sealedResults(this.db, settlements, transaction) : column(({ result }) => result);
    const rows = await this.db.run<SettledRow & HandedRow>(
      SETTLE_JOBS,
      [
        column(({ jobId }) => jobId),
        column(({ token }) => token),
        column(({ event }) => transition('running', event)),
        joinedTexts(results),
        column(({ error }) => (error === undefined ? null : JSON.stringify(error))),
        column(({ delayMs }) => delayMs ?? 0),
        column(({ event }) => REFUNDED.has(event)),
        column(({ progress }) => (progress === undefined ? null : JSON.stringify(progress))),
        column(({ announce }) => announce),
        column(({ events }) => (events?.length ? eventsColumn(events) : null)),
        column((settlement) => settlement.interrupted === true),
        this.handOnSeconds,
        column(({ stop }) => stop?.how ?? null),
        column(({ stop }) => stop?.heardMs ?? null),
      ],
      transaction,
    );
    // In a handler's transaction it is not committed yet, and the news is a little early.
    for (const row of withPlainResults(this.told(rows), settlements)) settled.set(row.lease_token, toSettledJob(row));
    if (rows.some(({ state }) => state === 'failed')) this.db.changed([]);
    const missing = settlements.filter(({ token }) => !settled.has(token));
    if (missing.length > 0 && !transaction)
      for (const row of withPlainResults(await this.settledBefore(missing), settlements)) settled.set(row.lease_token, toSettledJob(row));
    return freedSlots(rows);
  }

  /** Tells that these jobs have changed. */
  private told<Row extends { id: string }>(rows: Row[]): Row[] {
    if (rows.length > 0) this.db.changed(rows.map(({ id }) => id as JobId));
    return rows;
  }

  /** Tells of jobs that have failed, which are dead letters as well. */
  private toldAsLetters<Row extends { id: string }>(rows: Row[]): Row[] {
    if (rows.length > 0) this.db.changed([]);
    return this.told(rows);
  }

  private settledBefore(settlements: Settlement[]): Promise<SettledRow[]> {
    return this.db.run<SettledRow>(SETTLED_BEFORE, [settlements.map(({ jobId }) => jobId), settlements.map(({ token }) => token)]);
  }
}
