// What amqps:// is spoken with before there is a build. libs/host/src/tls/amqp-tls.config.ts has the same for the apps.

import { readFileSync } from 'node:fs';
import { PlainError } from './log.mjs';

/** Options of amqplib's `connect`. @param {string} url @param {NodeJS.ProcessEnv} env @returns {Promise<object>} */
export async function amqpTls(url, env = process.env) {
  if (!url.startsWith('amqps:')) return {};
  const external = env['AMQP_AUTH_MECHANISM'] === 'EXTERNAL' ? { credentials: (await import('amqplib')).credentials.external() } : {};
  return { ...read('ca', 'AMQP_CA_FILE', env), ...read('cert', 'AMQP_CERT_FILE', env), ...read('key', 'AMQP_KEY_FILE', env), ...external };
}

/** @param {string} option @param {string} variable @param {NodeJS.ProcessEnv} env */
function read(option, variable, env) {
  const path = env[variable]?.trim();
  if (!path) return {};
  try {
    return { [option]: readFileSync(path) };
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    throw new PlainError(`expected ${variable} to be a file that can be read, got: ${path} (${code})`);
  }
}
