import { type DataBox, DEFAULT_TENANT, isSealed, JsonBytes, type JsonText } from '@app/core';

/**
 * Where the data of jobs are sealed and opened: payloads, results and the results of steps, what schedules and webhooks have of them, and messages that were refused.
 *
 * Authority: each text itself says whether it is sealed, and with which key; no column and no setting does. So texts of both forms and of several keys stand side by side, whatever
 * is switched on. A crash between two rows leaves nothing behind.
 */

export const placeOf = {
  payload: (tenant: string, id: string) => `payload of job\n${id}\n${tenant}`,
  result: (tenant: string, id: string) => `result of job\n${id}\n${tenant}`,
  /** A name may have line breaks: it comes last. */
  step: (tenant: string, id: string, name: string) => `step of job\n${id}\n${tenant}\n${name}`,
  /** The id has its tenant in it. */
  schedule: (id: string) => `payload of schedule\n${id}`,
  delivery: (tenant: string, id: string) => `body of delivery\n${id}\n${tenant}`,
  letter: (tenant: string, identity: string) => `body of dead letter\n${identity}\n${tenant}`,
  key: (scope: string, key: string) => `fingerprint of key\n${scope}\n${key}`,
};

/** What a row may have of a job's data. */
interface DataRow {
  id?: string;
  payload?: string | null;
  result?: string | null;
  tenant?: string;
  rare?: { tenant: string } | null;
  /** In a list: there is a result, which is not shown. */
  omitted?: boolean;
  unreadable?: string;
}

/**
 * Opens the payload and the result of jobs' rows, in place. Rows that do not say whose job they are of are left to who reads them.
 * `marked`: what cannot be opened is told in `unreadable`, and the others are there; without it that throws.
 */
export function openRows(box: DataBox, rows: DataRow[], marked: boolean): void {
  for (const row of rows) {
    const { payload, result } = row;
    const sealedPayload = typeof payload === 'string' && isSealed(payload);
    const sealedResult = typeof result === 'string' && isSealed(result);
    if (!sealedPayload && !sealedResult) continue;
    const tenant = row.tenant ?? (row.rare === undefined ? undefined : (row.rare?.tenant ?? DEFAULT_TENANT));
    if (tenant === undefined || row.id === undefined) continue;
    try {
      if (sealedPayload) row.payload = box.open(payload, placeOf.payload(tenant, row.id));
      if (sealedResult) row.result = box.open(result, placeOf.result(tenant, row.id));
    } catch (error) {
      if (!marked) throw error;
      row.unreadable = (error as Error).message;
      if (sealedPayload) row.payload = 'null';
      if (sealedResult) row.result = null;
      if (sealedResult && row.omitted !== undefined) row.omitted = true;
    }
  }
}

export function sealedPayload(box: DataBox, kind: string, payload: JsonText | JsonBytes, place: () => string): JsonText | JsonBytes {
  if (!box.seals(kind)) return payload;
  return box.seal(payload instanceof JsonBytes ? payload.bytes : payload, place());
}

export function sealedText(box: DataBox, kind: string, text: JsonText, place: () => string): JsonText {
  return box.seals(kind) ? box.seal(text, place()) : text;
}

/** A digest of few possible payloads tells which it is. 32 bytes are one that was stored as it is. */
export function openDigest(box: DataBox, stored: Buffer, scope: string, key: string): Buffer {
  return stored.length <= DIGEST_BYTES ? stored : box.openBytes(stored.toString('latin1'), placeOf.key(scope, key));
}

export function sealedDigest(box: DataBox, digest: Uint8Array, scope: string, key: string): Buffer {
  return Buffer.from(box.seal(digest, placeOf.key(scope, key)), 'latin1');
}

const DIGEST_BYTES = 32;
