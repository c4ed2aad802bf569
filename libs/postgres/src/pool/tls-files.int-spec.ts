import { type AddressInfo, createServer, type Server } from 'node:net';
import { TLSSocket } from 'node:tls';
import pg from 'pg';
import { Certificates, describeWithOpenssl } from '../../../../test/support/certificates.js';
import { connectionOf } from './connection.js';

describeWithOpenssl('a pool of connections with certificates by file', () => {
  let certificates: Certificates;
  let server: Server;
  let pool: pg.Pool;
  /** Who the server was told that its client is, for each handshake that came to its end. */
  const clients: unknown[] = [];
  const file = (name: string) => certificates.path(name);
  const put = (from: string, to: string) => certificates.put(from, to);

  beforeAll(async () => {
    certificates = new Certificates();
    certificates.make('server', 'other', 'first', 'second');
    // It speaks no more of PostgreSQL than the way to TLS, so each connection fails behind it.
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write('S');
        const secure = new TLSSocket(socket, {
          isServer: true,
          key: certificates.read('server.key'),
          cert: certificates.read('server.crt'),
          requestCert: true,
          rejectUnauthorized: false,
        });
        secure.on('error', () => undefined);
        // The first message of the driver, after it has checked who the server is.
        secure.once('data', () => {
          clients.push(secure.getPeerCertificate().subject.CN);
          secure.destroy();
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    for (const [from, to] of [
      ['first.crt', 'client.crt'],
      ['first.key', 'client.key'],
      ['server.crt', 'root.crt'],
    ] as const)
      put(from, to);
    const query = `sslmode=verify-full&sslrootcert=${file('root.crt')}&sslcert=${file('client.crt')}&sslkey=${file('client.key')}`;
    pool = new pg.Pool({
      ...connectionOf(`postgres://user@127.0.0.1:${(server.address() as AddressInfo).port}/database?${query}`),
      connectionTimeoutMillis: 20_000,
    });
  });
  afterAll(async () => {
    await pool.end();
    await new Promise((resolve) => server.close(resolve));
    certificates.drop();
  });

  const failure = () => pool.connect().then(String, (error: unknown) => (error as Error).message);

  test('shows the server the certificate that the files have when a connection is made, and the former one while a file is missing', async () => {
    await failure();
    put('second.crt', 'client.crt');
    put('second.key', 'client.key');
    await failure();
    certificates.remove('client.crt', 'client.key');
    await failure();
    expect(clients).toEqual(['first', 'second', 'second']);
  });

  test('trusts the authorities that the file has when a connection is made', async () => {
    const before = clients.length;
    put('other.crt', 'root.crt');
    expect(await failure()).toMatch(/self.signed certificate/);
    expect(clients).toHaveLength(before);
    put('server.crt', 'root.crt');
    await failure();
    expect(clients).toHaveLength(before + 1);
  });
});
