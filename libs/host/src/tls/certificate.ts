import { createHash } from 'node:crypto';
import type { Server } from 'node:https';
import type { SecureVersion } from 'node:tls';
import type { Logger } from '@app/core';
import type { Environment } from '../environment.js';
import { type Pair, type PairFiles, pairFiles, readPair, reasonOf, usablePair } from './pem-files.js';

const MIN_VERSION: SecureVersion = 'TLSv1.2';
/** A new certificate is there days before the old one is over. */
const LOOK_MS = 5_000;

/** The files of the certificate of the process's port; null where it listens without TLS. */
export function listensWith(env: Environment): PairFiles | null {
  return pairFiles(env, 'TLS_CERT_FILE', 'TLS_KEY_FILE');
}

/**
 * The certificate of the port of a process, which is read anew when its files change, and at once on SIGHUP. New connections get the new one, and open ones stay as
 * they are. Files that cannot be used, such as a certificate whose key is still to be written, leave the former one in its place; that is logged once for each.
 */
export class Certificate {
  private pair: Pair;
  /** What was looked at last. */
  private seen: string;

  constructor(
    private readonly files: PairFiles,
    private readonly logger: Logger,
  ) {
    this.pair = readPair(files);
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
      const pair = readPair(this.files);
      digest = digestOf(pair);
      if (digest === this.seen && !asked) return;
      const { subject, validTo } = usablePair(pair);
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

function digestOf({ cert, key }: Pair): string {
  return createHash('sha256').update(cert).update('\n').update(key).digest('hex');
}
