import type { DeadLetter, JobId, JsonValue, LetterNote } from '@app/core';

export interface DeadLetterRow {
  id: string;
  source: 'job' | 'message';
  reason: string;
  detail: string;
  job_id: string | null;
  kind: string | null;
  queue: string | null;
  message_id: string | null;
  content_type: string | null;
  headers: { [name: string]: JsonValue };
  properties: { [name: string]: JsonValue } | null;
  producer: string | null;
  error: string | null;
  frame: string | null;
  fingerprint: string | null;
  tenant: string;
  body: Buffer | null;
  occurrences: number;
  created_at: Date;
  last_seen_at: Date;
  redriven_at: Date | null;
  redriven_job_id: string | null;
  discarded_at: Date | null;
  discard: LetterNote | null;
}

export function toDeadLetter(row: DeadLetterRow): DeadLetter {
  return {
    id: row.id,
    source: row.source,
    reason: row.reason,
    detail: row.detail,
    jobId: row.job_id as JobId | null,
    kind: row.kind,
    queue: row.queue,
    messageId: row.message_id,
    contentType: row.content_type,
    headers: row.headers,
    properties: row.properties,
    producer: row.producer,
    error: row.error,
    frame: row.frame,
    group: row.fingerprint,
    tenant: row.tenant,
    body: row.body,
    occurrences: row.occurrences,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    redrivenAt: row.redriven_at,
    redrivenJobId: row.redriven_job_id as JobId | null,
    discardedAt: row.discarded_at,
    discard: row.discard,
  };
}
