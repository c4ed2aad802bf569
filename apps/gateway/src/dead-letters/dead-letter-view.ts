import type { DeadLetterDetail, DeadLetterView, LetterGroup as LetterGroupView, LetterGroupList } from '@app/contracts';
import { type DeadLetter, type LetterGroup, type LetterGroups, publicPath } from '@app/core';

export function deadLetterView(letter: DeadLetter): DeadLetterView {
  const self = publicPath(`/dead-letters/${letter.id}`);
  const { id, source, reason, detail, jobId, kind, queue, messageId, contentType, headers, occurrences, redrivenJobId } = letter;
  const { properties, producer, error, frame, group, discard } = letter;
  return {
    ...{ id, source, reason, detail, jobId, kind, queue, messageId, contentType, headers, properties, producer, error, frame, group, occurrences },
    createdAt: letter.createdAt.toISOString(),
    lastSeenAt: letter.lastSeenAt.toISOString(),
    redrivenAt: letter.redrivenAt?.toISOString() ?? null,
    redrivenJobId,
    discardedAt: letter.discardedAt?.toISOString() ?? null,
    discard,
    links: {
      self,
      redrive: `${self}/redrive`,
      discard: `${self}/discard`,
      ...(jobId === null ? {} : { job: publicPath(`/jobs/${jobId}`) }),
      ...(source === 'job' ? {} : { body: `${self}/body` }),
      ...(group === null ? {} : { group: lettersOf(group) }),
    },
  };
}

/** The unchanged message, a byte order mark too; as `base64` when it is not UTF-8 text. */
export function bodyView(body: Buffer | null): DeadLetterDetail['body'] {
  if (body === null) return null;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body) };
  } catch {
    return { base64: body.toString('base64') };
  }
}

export function groupsView({ items, hoursFrom, ...counts }: LetterGroups): LetterGroupList {
  return { items: items.map(groupView), ...counts, hoursFrom: hoursFrom.toISOString() };
}

export function groupView({ acknowledged, firstSeenAt, lastSeenAt, ...group }: LetterGroup): LetterGroupView {
  const self = publicPath(`/dead-letters/groups/${group.group}`);
  return {
    ...group,
    state: acknowledged ? 'acknowledged' : 'open',
    firstSeenAt: firstSeenAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    acknowledged: acknowledged && { ...acknowledged, at: acknowledged.at.toISOString() },
    links: {
      letters: lettersOf(group.group),
      sample: publicPath(`/dead-letters/${group.sampleId}`),
      acknowledge: `${self}/acknowledge`,
      ...(acknowledged ? { reopen: `${self}/reopen` } : {}),
    },
  };
}

function lettersOf(group: string): string {
  return publicPath(`/dead-letters?group=${group}`);
}
