import { isSealed, type JobId, type JsonText, type Settlement } from '@app/core';
import type { Database, Joined } from '../pool/database.js';
import { placeOf, sealedText } from './job-data.js';
import { type Owner, ownersOf } from './owners.js';

/** The results of settlements as they are stored, in their order. */
export async function sealedResults(db: Database, settlements: Settlement[], transaction?: Joined): Promise<(JsonText | undefined)[]> {
  const untold = settlements
    .filter(({ result, kind, tenant }) => result !== undefined && (kind === undefined || tenant === undefined))
    .map(({ jobId }) => jobId);
  const owners = untold.length > 0 ? await ownersOf(db, untold, null, transaction) : undefined;
  return settlements.map(({ jobId, result, ...told }) => {
    if (result === undefined) return undefined;
    const { kind, tenant } = { ...owners?.get(jobId), ...told };
    // Without them there is no such job, and nothing will be stored.
    return kind === undefined || tenant === undefined ? undefined : sealedText(db.data, kind, result, () => placeOf.result(tenant, jobId));
  });
}

/** What a settlement has stored is what it has said, and what an earlier one of the same token has. */
export function withPlainResults<Row extends { lease_token: string | null; result: JsonText | null }>(rows: Row[], settlements: Settlement[]): Row[] {
  for (const row of rows)
    if (row.result !== null && isSealed(row.result)) row.result = settlements.find(({ token }) => token === row.lease_token)?.result ?? null;
  return rows;
}

export async function sealedStep(db: Database, result: JsonText, jobId: JobId, name: string, of?: Owner): Promise<JsonText> {
  const owner = of ?? (await ownersOf(db, [jobId])).get(jobId);
  return owner ? sealedText(db.data, owner.kind, result, () => placeOf.step(owner.tenant, jobId, name)) : result;
}

export async function openStep(db: Database, result: JsonText, jobId: JobId, name: string, of?: Owner): Promise<JsonText> {
  const owner = of ?? (await ownersOf(db, [jobId])).get(jobId);
  return db.data.open(result, placeOf.step(owner?.tenant ?? '', jobId, name)) as JsonText;
}
