import type { DeadLetterDetail, DeadLetterView } from '@app/contracts';
import { type DeadLetter, publicPath } from '@app/core';

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

/** The unchanged message; as `base64` when it is not UTF-8 text. */
export function bodyView(body: Buffer | null): DeadLetterDetail['body'] {
  if (body === null) return null;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(body) };
  } catch {
    return { base64: body.toString('base64') };
  }
}
