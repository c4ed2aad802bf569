import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext, type SecureVersion } from 'node:tls';
import type { Logger } from '@app/core';
import { ConfigError, type Environment } from '@app/host';

/** Files with PEM: the certificate, with those of the authorities between it and a known one, and its key. */
export interface TlsFiles {
  cert: string;
  key: string;
}

interface Pair {
  cert: Buffer;
  key: Buffer;
}

const MIN_VERSION: SecureVersion = 'TLSv1.2';
/** A new certificate is there days before the old one is over. */
const LOOK_MS = 5_000;

/** Null where the gateway listens without TLS. Throws a `ConfigError` for files that cannot be used. */
export function tlsConfig(env: Environment): TlsFiles | null {
  const [cert, key] = [env.text('TLS_CERT_FILE', ''), env.text('TLS_KEY_FILE', '')];
  if (cert === '' && key === '') return null;
  if (key === '') throw new ConfigError('TLS_KEY_FILE', 'the file of the key of TLS_CERT_FILE', undefined);
  if (cert === '') throw new ConfigError('TLS_CERT_FILE', 'the file of the certificate of TLS_KEY_FILE', undefined);
  const files = { cert, key };
  try {
    usable(read(files));
  } catch (error) {
    throw new ConfigError('TLS_CERT_FILE and TLS_KEY_FILE', 'a certificate and its key as PEM', `${cert} and ${key} (${reasonOf(error)})`);
  }
  return files;
}

/**
 * The certificate of the gateway's port, which is read anew when its files change, and at once on SIGHUP. New connections get the new one, and open ones stay as
 * they are. Files that cannot be used, such as a certificate whose key is still to be written, leave the former one in its place; that is logged once for each.
 */
export class Certificate {
  private pair: Pair;
  /** What was looked at last. */
  private seen: string;

  constructor(
    private readonly files: TlsFiles,
    private readonly logger: Logger,
  ) {
    this.pair = read(files);
    this.seen = digestOf(this.pair);
  }

  get options(): Pair & { minVersion: SecureVersion } {
    return { ...this.pair, minVersion: MIN_VERSION };
  }

  /** Until the server closes. */
  keepFresh(server: Server): void {
    const look = (asked: boolean) => this.look(server, asked);
    const timer = setInterval(() => look(false), LOOK_MS).unref();
    const hangUp = () => look(true);
    process.on('SIGHUP', hangUp);
    server.once('close', () => {
      clearInterval(timer);
      process.off('SIGHUP', hangUp);
    });
  }

  /** `asked`: by somebody who wants an answer, also where nothing has changed. */
  private look(server: Server, asked: boolean): void {
    let digest = 'unreadable';
    try {
      const pair = read(this.files);
      digest = digestOf(pair);
      if (digest === this.seen && !asked) return;
      const { subject, validTo } = usable(pair);
      server.setSecureContext({ ...pair, minVersion: MIN_VERSION });
      this.pair = pair;
      this.logger.info({ subject: subject.replaceAll('\n', ', '), validTo }, 'new connections get the certificate that was read');
    } catch (error) {
      if (digest === this.seen && !asked) return;
      this.logger.error({ reason: reasonOf(error), ...this.files }, 'a new certificate cannot be used, and the former one stays');
    } finally {
      this.seen = digest;
    }
  }
}

function read({ cert, key }: TlsFiles): Pair {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

/** Throws when the key is not that of the certificate, and for what is neither. */
function usable({ cert, key }: Pair): X509Certificate {
  createSecureContext({ cert, key });
  return new X509Certificate(cert);
}

function digestOf({ cert, key }: Pair): string {
  return createHash('sha256').update(cert).update('\n').update(key).digest('hex');
}

/** Never a part of a key. */
function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' && code.startsWith('E') ? code : String(message);
}
