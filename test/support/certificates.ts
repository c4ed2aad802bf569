import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { describeIf } from './only-if.js';

/** `describe` for tests that make certificates. */
export const describeWithOpenssl = describeIf(spawnSync('openssl', ['version']).status === 0, 'needs openssl, which makes the certificates');

/** A folder with certificates, each of which is its own authority, for 127.0.0.1 and localhost. */
export class Certificates {
  private readonly folder = mkdtempSync(join(tmpdir(), 'longhaul-tls-'));

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  /** `<name>.crt` and `<name>.key`. */
  make(...names: string[]): void {
    for (const name of names) {
      const files = ['-keyout', this.path(`${name}.key`), '-out', this.path(`${name}.crt`)];
      const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
      const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
      execFileSync('openssl', ['req', '-x509', ...kind, ...files, ...subject], { stdio: 'ignore' });
    }
  }

  /** Replaces a file at once, as tools do it. */
  put(from: string, to: string): void {
    writeFileSync(this.path('next'), this.read(from));
    renameSync(this.path('next'), this.path(to));
  }

  /** The certificate and its key, one after the other. */
  putPair(from: string, to: string): void {
    this.put(`${from}.crt`, `${to}.crt`);
    this.put(`${from}.key`, `${to}.key`);
  }

  remove(...names: string[]): void {
    for (const name of names) rmSync(this.path(name));
  }

  drop(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface TlsFront {
  /** The target's URL, as `amqps:`. */
  readonly url: string;
  /** Who each client was, whose handshake came to its end: the name of its certificate. */
  readonly clients: (string | undefined)[];
  /** New connections get this certificate. */
  show(name: string): void;
  /** Ends each open connection. */
  cut(): void;
  close(): Promise<void>;
}

/** Speaks TLS in front of a broker that does not. `clients`: whose certificates it asks for; without, it asks for none. */
export async function tlsFront(target: string, certificates: Certificates, shown: string, clients?: string): Promise<TlsFront> {
  const url = new URL(target);
  const upstream = { host: url.hostname, port: Number(url.port || 5672) };
  const pairOf = (name: string) => ({ cert: certificates.read(`${name}.crt`), key: certificates.read(`${name}.key`) });
  const asks = clients === undefined ? {} : { requestCert: true, rejectUnauthorized: true, ca: certificates.read(`${clients}.crt`) };
  const seen: (string | undefined)[] = [];
  const open = new Set<Socket>();
  const server = createServer({ ...pairOf(shown), ...asks }, (socket: TLSSocket) => {
    const { subject } = socket.getPeerCertificate() as { subject?: { CN?: string } };
    seen.push(subject?.CN);
    const remote = connect(upstream);
    for (const each of [socket, remote]) {
      open.add(each);
      each.once('close', () => open.delete(each)).on('error', () => undefined);
    }
    socket.pipe(remote).pipe(socket);
    socket.once('close', () => remote.destroy());
    remote.once('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => open.forEach((each) => each.destroy());
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as { port: number }).port);
  return {
    url: url.href.replace('amqp:', 'amqps:'),
    clients: seen,
    show: (name) => server.setSecureContext({ ...pairOf(name), ...asks }),
    cut,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}
