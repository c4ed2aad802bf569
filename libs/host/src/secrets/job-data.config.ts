import { AesDataBox, type DataBox, JOB_DATA, keyList, type KeySource, KIND_PATTERN } from '@app/core';
import { ConfigError, type Environment } from '../environment.js';
import { keysIn, secretKeys } from './secret-keys.js';

/**
 * Which jobs' payloads and results are encrypted, and with what: `ENCRYPT_PAYLOADS`. What was encrypted before is read with the keys of the list whatever is said here. A
 * source of keys of one's own, such as a KMS, takes the place of the list.
 */
export function jobData(env: Environment, source?: KeySource): DataBox {
  const keys = source ?? listed(env);
  const kinds = encryptedKinds(env);
  if (kinds !== 'off' && keys.current() === undefined)
    throw new ConfigError('LONGHAUL_SECRET_KEYS', 'set, for ENCRYPT_PAYLOADS encrypts with its first key', undefined);
  return new AesDataBox(keys, kinds);
}

/** A process of its own for an isolated job has keys for the data of jobs alone, which its worker has made of the list. */
function listed(env: Environment): KeySource {
  const made = keysIn(env, 'LONGHAUL_JOB_KEYS');
  return made.length > 0 ? keyList(made.map(([id, bytes]) => ({ id, bytes }))) : secretKeys(env).sourceFor(JOB_DATA);
}

function encryptedKinds(env: Environment): 'all' | 'off' | ReadonlySet<string> {
  const text = env.text('ENCRYPT_PAYLOADS', 'off');
  if (text === 'all' || text === 'off') return text;
  const [, list = ''] = /^kinds:(.*)$/.exec(text) ?? [];
  const kinds = list.split(',').map((kind) => kind.trim());
  if (!kinds.every((kind) => KIND_PATTERN.test(kind))) throw new ConfigError('ENCRYPT_PAYLOADS', 'all, off, or kinds: and a comma list of kinds', text);
  return new Set(kinds);
}
