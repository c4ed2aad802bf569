import { type DataBox, type JobConditions, Refusal } from '@app/core';

/** PostgreSQL compares payloads, and cannot compare what it cannot read: a search would say that there is none. Refused where it could be of a kind whose payloads are sealed. */
export function requireSearchable(data: DataBox, { kinds }: Pick<JobConditions, 'kinds'>): void {
  if (!data.isOn) return;
  const sealed =
    kinds === undefined ? 'payloads are encrypted' : kinds.filter((kind) => data.seals(kind)).map((kind) => `the payloads of ${kind} are encrypted`)[0];
  if (sealed === undefined) return;
  const advice = 'search by a tag, or name kinds whose payloads are not encrypted (ENCRYPT_PAYLOADS)';
  throw new Refusal('not_searchable', `${sealed} and cannot be searched: ${advice}`, [{ pointer: '/payload', detail: `cannot be searched: ${sealed}` }]);
}
