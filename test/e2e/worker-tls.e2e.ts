// Ring 3: npm run proofs runs this file.
import { connect } from 'node:tls';
import { Agent, request } from 'node:https';
import { describeWithBroker, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';
import { Certificates, describeWithOpenssl } from '../support/certificates.js';

describeWithOpenssl('a worker of two processes with TLS_CERT_FILE and TLS_KEY_FILE', () => {
  describeWithBroker('beside a gateway without', () => {
    let certificates: Certificates;
    let stack: Stack;
    beforeAll(async () => {
      certificates = new Certificates();
      certificates.make('first', 'second');
      certificates.putPair('first', 'tls');
      stack = await startStack({ mode: 'distributed', workers: 0 });
    });
    afterAll(async () => {
      await stack.stop();
      certificates.drop();
    });

    const files = () => ({ TLS_CERT_FILE: certificates.path('tls.crt'), TLS_KEY_FILE: certificates.path('tls.key') });

    test('tells its health and metrics over TLS, and passes SIGHUP on, by which each process reads a new certificate', async () => {
      const env = { ...stack.env, ...files(), WEB_CONCURRENCY: '2', DATABASE_POOL: '2', READ_POOL: '1' };
      const worker = await spawnApp('worker', env, { waitUntilReady: false });
      const { hostname, port } = new URL(worker.url);
      const agent = new Agent({ rejectUnauthorized: false });
      const asked = (path: string) =>
        new Promise<string>((resolve) => {
          const call = request({ hostname, port, path, agent }, (answer) => {
            let body = String(answer.statusCode);
            answer.setEncoding('utf8').on('data', (part: string) => (body += part));
            answer.once('end', () => resolve(body));
          });
          call.once('error', ({ message }) => resolve(message)).end();
        });
      const bothReady = async () => [...(await asked('/metrics')).matchAll(/^longhaul_ready\{process="\d"\} 1$/gm)].length === 2;
      await waitFor('both processes', bothReady, { timeoutMs: 90_000 });
      expect(await asked('/health/ready')).toMatch(/^200/);

      const pids = (await stack.workingPids()).toSorted();
      const shown = () =>
        new Promise<unknown>((resolve, reject) => {
          const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
            resolve(socket.getPeerCertificate().subject.CN);
            socket.destroy();
          });
          socket.once('error', reject);
        });
      expect(await shown()).toBe('first');
      certificates.putPair('second', 'tls');
      worker.kill('SIGHUP');
      // Connections go to the processes in turn.
      await waitFor('the second certificate of both', async () => [await shown(), await shown()].every((name) => name === 'second'));
      expect((await stack.workingPids()).toSorted()).toEqual(pids);
      agent.destroy();
      expect(await worker.stop()).toBe(0);
    });

    test('does not start with the key of another certificate, and says so in one line', async () => {
      const refused = await spawnApp('worker', { ...stack.env, ...files(), TLS_KEY_FILE: certificates.path('first.key') }, { waitUntilReady: false });
      expect((await refused.exited).code).toBe(1);
      expect(refused.logs()).toEqual([expect.stringContaining('expected TLS_CERT_FILE and TLS_KEY_FILE to be a certificate and its key as PEM')]);
    });
  });
});
