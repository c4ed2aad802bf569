import { type DeadLetter, type JsonValue, publicPath } from '@app/core';

export interface DeadLetterView {
  id: string;
  source: 'job' | 'message';
  reason: string;
  detail: string;
  jobId: string | null;
  kind: string | null;
  queue: string | null;
  messageId: string | null;
  contentType: string | null;
  headers: { [name: string]: JsonValue };
  /** The message as it came; `base64` when it is not UTF-8 text. Only in the single view. */
  body?: { text: string } | { base64: string } | null;
  occurrences: number;
  createdAt: string;
  lastSeenAt: string;
  redrivenAt: string | null;
  redrivenJobId: string | null;
  links: { self: string; redrive: string; job?: string };
}

export function deadLetterView(letter: DeadLetter): DeadLetterView {
  const self = publicPath(`/dead-letters/${letter.id}`);
  const { id, source, reason, detail, jobId, kind, queue, messageId, contentType, headers, occurrences, redrivenJobId } = letter;
  return {
    ...{ id, source, reason, detail, jobId, kind, queue, messageId, contentType, headers, occurrences },
    createdAt: letter.createdAt.toISOString(),
    lastSeenAt: letter.lastSeenAt.toISOString(),
    redrivenAt: letter.redrivenAt?.toISOString() ?? null,
    redrivenJobId,
    links: { self, redrive: `${self}/redrive`, ...(jobId === null ? {} : { job: publicPath(`/jobs/${jobId}`) }) },
  };
}

export function bodyView(body: Buffer | null): NonNullable<DeadLetterView['body']> | null {
  if (body === null) return null;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(body) };
  } catch {
    return { base64: body.toString('base64') };
  }
}
