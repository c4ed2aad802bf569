/** What gives a job its key, by which limits and fair queues tell jobs apart: the value of its tag `<name>:<value>`, or its kind. */
export type KeySource = `tag:${string}` | 'kind';

const TAG_NAME = /^tag:[^\s:*\p{C}]{1,99}$/u;

export function isKeySource(value: unknown): value is KeySource {
  return value === 'kind' || (typeof value === 'string' && TAG_NAME.test(value));
}
