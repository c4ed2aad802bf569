import type { ClaimAnswer, ClaimFacts, ClaimRequest, JobId, WorkerId } from '@app/core';
import type { Database } from '../pool/database.js';
import { uuidArray } from '../pool/uuid-array.js';
import { CLAIM_READY, claimLimited } from '../flow/claim-limited.js';
import { byToken } from './attempt-rows.js';
import { CLAIM_FACTS, CLAIM_JOBS } from './claim-jobs.js';
import { type FactsRow, type FoundFacts, toFacts } from './claim-facts.js';
import { type ClaimedRow, type LeanClaimedRow, leanToClaimedJob, toClaimedJob } from './job-row.js';

type ReadyRow = LeanClaimedRow & { is_free: boolean };

/** So many kinds are kept in mind. */
const MOST_KINDS = 1_000;

/**
 * Claims of what messages bring. Jobs without limits and unique keys take one statement. So do those with limits, once it is known of a kind that its jobs have
 * them: the last one that was claimed says so. A wrong guess costs a statement and nothing else, for what a statement does not claim is looked at.
 */
export class Claims {
  private readonly limited = new Set<string>();

  constructor(
    private readonly db: Database,
    private readonly told: (rows: { id: string }[]) => void,
  ) {}

  /** Whether the last job of the kind had limits or a unique key. */
  isLimited(kind: string | undefined): boolean {
    return kind !== undefined && this.limited.has(kind);
  }

  async claim(workerId: WorkerId, requests: ClaimRequest[]): Promise<ClaimAnswer[]> {
    // Rows in one order: two batches that wait for each other's rows would be a deadlock.
    const sorted = requests.toSorted((a, b) => (a.jobId < b.jobId ? -1 : 1));
    const [plain, ready] = await Promise.all([
      this.run<LeanClaimedRow>(
        CLAIM_JOBS,
        workerId,
        sorted.filter(({ kind }) => !this.isLimited(kind)),
      ),
      this.run<ReadyRow>(
        CLAIM_READY,
        workerId,
        sorted.filter(({ kind }) => this.isLimited(kind)),
      ),
    ]);
    for (const { kind, is_free } of ready) if (is_free) this.limited.delete(kind);
    const claimed = byToken([...plain, ...ready]);
    const refused = requests.filter(({ token }) => !claimed.has(token));
    const [limited, facts] = refused.length > 0 ? await this.claimOthers(workerId, refused) : [];
    return requests.map(({ jobId, token }) => {
      const row = claimed.get(token);
      if (row) return { claimed: leanToClaimedJob(row) };
      const late = limited?.get(token);
      return late ? { claimed: toClaimedJob(late) } : { claimed: null, facts: facts?.get(jobId) ?? null };
    });
  }

  private async run<Row extends LeanClaimedRow>(claim: typeof CLAIM_JOBS, workerId: WorkerId, requests: ClaimRequest[]): Promise<Row[]> {
    if (requests.length === 0) return [];
    const column = (pick: (request: ClaimRequest) => string) => uuidArray(requests.map(pick));
    const values = [column(({ jobId }) => jobId), column(({ publishId }) => publishId), column(({ token }) => token)];
    const rows = await this.db.run<Row>(claim, [...values, workerId, requests.map(({ queue }) => queue ?? null)]);
    this.told(rows);
    return rows;
  }

  /** What the statements above have left: jobs with limits that may run are claimed, of the others it says what stands in the way. */
  private async claimOthers(workerId: WorkerId, requests: ClaimRequest[]): Promise<[Map<string | null, ClaimedRow>, Map<string, ClaimFacts>]> {
    const facts = await this.facts(requests.map(({ jobId }) => jobId));
    const ready = requests.filter(({ jobId }) => {
      const found = facts.get(jobId);
      return found?.limited === true && found.state === 'queued' && !found.waits && found.crashes === 0 && found.attempt < found.maxAttempts;
    });
    if (ready.length === 0) return [new Map(), facts];
    const rows = await claimLimited(this.db, workerId, ready, false);
    this.told(rows);
    const claimed = byToken(rows);
    if (this.limited.size < MOST_KINDS) for (const { kind } of rows) this.limited.add(kind);
    const missing = ready.filter(({ token }) => !claimed.has(token)).map(({ jobId }) => jobId);
    if (missing.length > 0) for (const [id, found] of await this.facts(missing)) facts.set(id, found);
    return [claimed, facts];
  }

  private async facts(jobIds: JobId[]): Promise<Map<string, FoundFacts>> {
    return new Map((await this.db.run<FactsRow>(CLAIM_FACTS, [jobIds])).map((row) => [row.id, toFacts(row)]));
  }
}
