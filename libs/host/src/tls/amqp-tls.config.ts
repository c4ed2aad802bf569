import { readFileSync } from 'node:fs';
import type { BrokerTls } from '@app/rabbitmq';
import { ConfigError, type Environment } from '../environment.js';
import { authorityFile, type PairFiles, pairFiles, readPair, reasonOf, usableAuthorities, usablePair } from './pem-files.js';

interface Files {
  ca: string | null;
  own: PairFiles | null;
  external: boolean;
}

/**
 * What a connection to RabbitMQ speaks TLS with: a function that reads the files anew, so that certificates that were renewed need no restart. Undefined
 * without TLS. Throws a `ConfigError` that names the variable for what cannot be used.
 */
export function amqpTls(env: Environment, url: string): (() => BrokerTls) | undefined {
  const ca = authorityFile(env, 'AMQP_CA_FILE');
  const own = pairFiles(env, 'AMQP_CERT_FILE', 'AMQP_KEY_FILE');
  const external = env.oneOf('AMQP_AUTH_MECHANISM', ['PLAIN', 'EXTERNAL'], 'PLAIN') === 'EXTERNAL';
  if (external && own === null)
    throw new ConfigError('AMQP_CERT_FILE', 'the file of the certificate that names our account, since AMQP_AUTH_MECHANISM is EXTERNAL', undefined);
  if (new URL(url).protocol === 'amqps:') return readingEachTime({ ca, own, external });
  const given = ca === null ? own && 'AMQP_CERT_FILE' : 'AMQP_CA_FILE';
  if (given !== null) throw new ConfigError('AMQP_URL', `a URL beginning with amqps:// where ${given} is set`, 'one without TLS');
  return undefined;
}

/** Files that cannot be used at a later time, such as a certificate whose key is still to be written, leave those that were read before. */
function readingEachTime(files: Files): () => BrokerTls {
  let last = read(files);
  return () => {
    try {
      last = read(files);
      return last;
    } catch (error) {
      return { ...last, fault: `new files for the TLS of RabbitMQ cannot be used, and the former ones stay: ${faultOf(error)}` };
    }
  };
}

function read({ ca, own, external }: Files): BrokerTls {
  const authorities = ca === null ? undefined : readFileSync(ca);
  if (authorities) usableAuthorities(authorities);
  const pair = own === null ? undefined : readPair(own);
  if (pair) usablePair(pair);
  return { ...(authorities ? { ca: authorities } : {}), ...pair, external };
}

/** The name of a missing file is part of Node's message. */
function faultOf(error: unknown): string {
  return (error as { syscall?: unknown }).syscall === undefined ? reasonOf(error) : (error as Error).message;
}
