import { RecordingLogger } from '@app/core/testing';
import { RabbitConnection } from '@app/rabbitmq';
import { describeWithBroker, freshVhost, type FreshVhost, waitFor } from '../../../../test/support/index.js';
import { Certificates, describeWithOpenssl, type TlsFront, tlsFront } from '../../../../test/support/certificates.js';
import { Environment } from '../environment.js';
import { amqpTls } from './amqp-tls.config.js';

describeWithOpenssl('a connection to RabbitMQ over TLS', () => {
  describeWithBroker('whose files the environment names', () => {
    let certificates: Certificates;
    let vhost: FreshVhost;
    let front: TlsFront;
    let logger: RecordingLogger;
    let connection: RabbitConnection | undefined;

    beforeAll(async () => {
      certificates = new Certificates();
      certificates.make('server', 'renewed', 'client', 'other');
      vhost = await freshVhost();
    });
    beforeEach(async () => {
      certificates.put('server.crt', 'ca.crt');
      certificates.putPair('client', 'own');
      logger = new RecordingLogger();
      front = await tlsFront(vhost.url, certificates, 'server', 'client');
    });
    afterEach(async () => {
      await connection?.close();
      await front.close();
    });
    afterAll(async () => {
      await vhost.drop();
      certificates.drop();
    });

    const CA = () => ({ AMQP_CA_FILE: certificates.path('ca.crt') });
    const OWN = () => ({ AMQP_CERT_FILE: certificates.path('own.crt'), AMQP_KEY_FILE: certificates.path('own.key') });
    const messages = (level: string) => logger.entries.filter((entry) => entry.level === level).map(({ message }) => message);

    function started(values: NodeJS.ProcessEnv): RabbitConnection {
      connection = new RabbitConnection({ url: front.url, tls: amqpTls(new Environment(values), front.url), name: 'test', role: 'publish', logger });
      connection.start();
      return connection;
    }
    const up = (given: RabbitConnection) => waitFor('the connection', () => given.up, { timeoutMs: 30_000 });

    test('knows its authority by AMQP_CA_FILE, and shows its own certificate', async () => {
      await up(started({ ...CA(), ...OWN() }));
      expect(front.clients).toEqual(['client']);
    });

    test('is not made with an authority that is not named, and says which variable names it', async () => {
      const refused = started(OWN());
      await waitFor('the reason', () => refused.reason);
      expect(refused.reason).toMatch(/^expected a certificate of 127\.0\.0\.1:\d+ that can be verified, got: .*; name its authority by AMQP_CA_FILE/);
      expect(front.clients).toEqual([]);
    });

    test('is not made without a certificate where RabbitMQ asks for one, and says which variables name it', async () => {
      const refused = started(CA());
      await waitFor('the reason', () => refused.reason);
      expect(refused.reason).toMatch(/AMQP_CERT_FILE/);
      expect(front.clients).toEqual([]);
    });

    test('has the files that are there when it is made again: a renewed authority and a renewed certificate need no restart', async () => {
      const given = started({ ...CA(), ...OWN() });
      await up(given);
      certificates.put('renewed.crt', 'ca.crt');
      front.show('renewed');
      front.cut();
      await waitFor('the next connection', () => front.clients.length === 2 && given.up, { timeoutMs: 30_000 });
      expect(messages('error')).toEqual([]);
    });

    test('has the files that it had where newer ones cannot be used, and says so once', async () => {
      const given = started({ ...CA(), ...OWN() });
      await up(given);
      certificates.put('other.key', 'own.key');
      for (const connections of [2, 3]) {
        front.cut();
        await waitFor('the next connection', () => front.clients.length === connections && given.up, { timeoutMs: 30_000 });
      }
      expect(front.clients).toEqual(['client', 'client', 'client']);
      expect(messages('error')).toEqual([expect.stringMatching(/^new files for the TLS of RabbitMQ cannot be used, and the former ones stay: [^\n]+$/)]);
      certificates.remove('ca.crt');
      front.cut();
      await waitFor('the next connection', () => front.clients.length === 4 && given.up, { timeoutMs: 30_000 });
      expect(messages('error').at(-1)).toMatch(/ENOENT.*ca\.crt/);
    });
  });
});
