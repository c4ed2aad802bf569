import { nearest } from './nearest.js';

/** What other libraries call it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  retries: 'maxAttempts',
  retry: 'maxAttempts',
  maxRetries: 'maxAttempts',
  attempts: 'maxAttempts',
  tries: 'maxAttempts',
  name: 'kind',
  type: 'kind',
  queueName: 'queue',
  timeoutMs: 'timeout',
  timeoutSeconds: 'timeout',
  schema: 'payload',
  dto: 'payload',
  delay: 'base',
  maxDelay: 'max',
  memory: 'memoryMb',
  environment: 'env',
};

/** Throws a TypeError, with the near match, where an option is set that there is not: what it was meant to do would never happen. */
export function refuseUnknownOptions(options: unknown, known: readonly string[], what: string): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`expected ${what} to be an object, got: ${String(options)}`);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const elsewhere = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
    const near = elsewhere !== undefined && known.includes(elsewhere) ? elsewhere : nearest(name, known);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    throw new TypeError(`expected ${what} to be of ${known.join(', ')}, got: "${name}"${hint}`);
  }
}
