import { ConfigError, type Environment } from '../environment.js';

/** What has fields that may be left out of the logs. */
const ROOTS = ['payload', 'result', 'headers', 'tags', 'idempotencyKey'] as const;
export type Root = (typeof ROOTS)[number];

/** A field and all below it: `payload.card.number`. */
export interface FieldPath {
  root: Root;
  /** Names of members, `*` for each one of an object or an array; empty for the whole. Those of headers in lower case. */
  names: readonly string[];
}

const PATH = new RegExp(`^(${ROOTS.join('|')})((?:\\.[^\\s.,[\\]"']+)*)$`);

/** `LOG_REDACT`. Throws a `ConfigError` that names the first path that is none. */
export function fieldPaths(env: Environment): FieldPath[] {
  return env
    .text('LOG_REDACT', '')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')
    .map((path) => {
      const [, root, below = ''] = PATH.exec(path) ?? [];
      if (root === undefined) throw new ConfigError('LOG_REDACT', `a comma list of paths such as payload.card.number, each below ${ROOTS.join(', ')}`, path);
      const names = below.split('.').slice(1);
      return { root: root as Root, names: root === 'headers' ? names.map((name) => name.toLowerCase()) : names };
    });
}

/** Calls `found` with each value at the path below `value`, and with where it stands. */
export function eachAt(
  value: unknown,
  names: readonly string[],
  found: (value: unknown, holder: Record<string, unknown>, name: string) => void,
  anyCase = false,
): void {
  const [name, ...rest] = names;
  if (name === undefined || typeof value !== 'object' || value === null) return;
  const holder = value as Record<string, unknown>;
  for (const member of Object.keys(holder)) {
    if (name !== '*' && (anyCase ? member.toLowerCase() : member) !== name) continue;
    if (rest.length === 0) found(holder[member], holder, member);
    else eachAt(holder[member], rest, found, anyCase);
  }
}

/** Calls `found` with each text and number in the value, as a text. */
export function eachLeaf(value: unknown, found: (leaf: string) => void): void {
  if (typeof value === 'string') found(value);
  else if (typeof value === 'number' || typeof value === 'bigint') found(String(value));
  else if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) eachLeaf(member, found);
}
