// Ring 3: npm run proofs runs this file.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeWithBroker, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';
import { Certificates, describeWithOpenssl, type TlsFront, tlsFront } from '../support/certificates.js';

const DOCTOR = join(fileURLToPath(new URL('../..', import.meta.url)), 'dist/apps/gateway/src/doctor.js');

describeWithOpenssl('processes with a certificate of their own', () => {
  describeWithBroker('of a RabbitMQ that speaks TLS', () => {
    let certificates: Certificates;
    let front: TlsFront;
    let stack: Stack;
    beforeAll(async () => {
      certificates = new Certificates();
      certificates.make('server', 'renewed', 'client');
      certificates.put('server.crt', 'ca.crt');
      const path = (name: string) => certificates.path(name);
      stack = await startStack({
        mode: 'distributed',
        amqpUrl: async (url) => (front = await tlsFront(url, certificates, 'server', 'client')).url,
        env: { AMQP_CA_FILE: path('ca.crt'), AMQP_CERT_FILE: path('client.crt'), AMQP_KEY_FILE: path('client.key') },
      });
    });
    afterAll(async () => {
      await stack.stop();
      await front.close();
      certificates.drop();
    });

    async function findings(env: Record<string, string>): Promise<{ what: string; ok: boolean; says: string }[]> {
      const options = { env: { PATH: process.env['PATH'], LONGHAUL_ENV_FILE: '', LONGHAUL_CONFIG: 'dist/longhaul.config.js', ...env } };
      const out = await new Promise<string>((resolve) => execFile(process.execPath, [DOCTOR, '--json'], options, (_, text) => resolve(text)));
      return JSON.parse(out) as { what: string; ok: boolean; says: string }[];
    }

    test('submit, run and announce jobs by connections that each show it, and doctor does so too', async () => {
      await stack.api.waitForState(await stack.api.accepted('debug.effect', { key: 'by TLS' }), 'succeeded');
      expect(front.clients.length).toBeGreaterThanOrEqual(4);
      expect((await findings(stack.env)).find(({ what }) => what === 'broker')).toMatchObject({ ok: true });
      expect(new Set(front.clients)).toEqual(new Set(['client']));
    });

    test('go on with a renewed authority of RabbitMQ, and nothing is started again', async () => {
      const before = front.clients.length;
      certificates.put('renewed.crt', 'ca.crt');
      front.show('renewed');
      front.cut();
      await waitFor('the next connections', () => front.clients.length >= before + 4, { timeoutMs: 60_000 });
      await stack.api.waitForState(await stack.api.accepted('debug.effect', { key: 'renewed' }), 'succeeded', 60_000);
    });

    test('do not start with the key of another certificate, and doctor says so too, in one line that names the variable', async () => {
      const env = { ...stack.env, AMQP_KEY_FILE: certificates.path('server.key') };
      const expected = 'expected AMQP_CERT_FILE and AMQP_KEY_FILE to be a certificate and its key as PEM';
      for (const name of ['gateway', 'worker'] as const) {
        const refused = await spawnApp(name, env, { waitUntilReady: false });
        expect((await refused.exited).code).toBe(1);
        expect(refused.logs()).toEqual([expect.stringContaining(expected)]);
      }
      expect((await findings(env)).find(({ what }) => what === 'settings')).toMatchObject({ ok: false, says: expect.stringContaining(expected) as string });
    });
  });
});
