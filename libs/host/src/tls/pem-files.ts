import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigError, type Environment } from '../environment.js';

/** Files with PEM: a certificate, with those of the authorities between it and a known one, and its key. */
export interface PairFiles {
  cert: string;
  key: string;
}

export interface Pair {
  cert: Buffer;
  key: Buffer;
}

/** The files that two variables name; null where neither is set. Throws a `ConfigError` that names the variable for files that cannot be used. */
export function pairFiles(env: Environment, certVariable: string, keyVariable: string): PairFiles | null {
  const [cert, key] = [env.text(certVariable, ''), env.text(keyVariable, '')];
  if (cert === '' && key === '') return null;
  if (key === '') throw new ConfigError(keyVariable, `the file of the key of ${certVariable}`, undefined);
  if (cert === '') throw new ConfigError(certVariable, `the file of the certificate of ${keyVariable}`, undefined);
  const pair = { cert: readNamed(certVariable, cert), key: readNamed(keyVariable, key) };
  try {
    usablePair(pair);
  } catch (error) {
    throw new ConfigError(`${certVariable} and ${keyVariable}`, 'a certificate and its key as PEM', `${cert} and ${key} (${reasonOf(error)})`);
  }
  return { cert, key };
}

/** The file of authorities that a variable names; null where it is not set. Throws a `ConfigError` for a file that cannot be used. */
export function authorityFile(env: Environment, variable: string): string | null {
  const path = env.text(variable, '');
  if (path === '') return null;
  const text = readNamed(variable, path);
  try {
    usableAuthorities(text);
  } catch (error) {
    throw new ConfigError(variable, 'certificates of authorities as PEM', `${path} (${reasonOf(error)})`);
  }
  return path;
}

export function readPair({ cert, key }: PairFiles): Pair {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

/** Throws when the key is not that of the certificate, and for what is neither. */
export function usablePair({ cert, key }: Pair): X509Certificate {
  createSecureContext({ cert, key });
  return new X509Certificate(cert);
}

/** Throws for a text without a certificate, which Node would take for a list of none. */
export function usableAuthorities(text: Buffer): void {
  new X509Certificate(text);
}

/** Never a part of a key. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' && code.startsWith('E') ? code : String(message);
}

function readNamed(variable: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ConfigError(variable, 'a file that can be read', `${path} (${reasonOf(error)})`);
  }
}
