import 'reflect-metadata';
import { ConfigError, createLogger, Environment, failStart, runtimeConfig, Store } from '@app/host';
import { readCommandLine } from '@app/host/processes';

/**
 * `longhaul rotate-secrets`, `npm run secrets:rotate`: seals every stored secret, and the encrypted data of jobs, with the first key of LONGHAUL_SECRET_KEYS. Safe to run beside gateways and workers that
 * have both keys, and to repeat. Afterwards the former keys can leave the list.
 */
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void (stopped = true));

async function rotate(): Promise<void> {
  const env = new Environment(process.env);
  if (env.text('LONGHAUL_SECRET_KEYS', '') === '') throw new ConfigError('LONGHAUL_SECRET_KEYS', 'set: its first key seals from now on', undefined);
  const store = await Store.open(runtimeConfig(env), 'longhaul rotate secrets', createLogger('rotate-secrets', 'fatal'), { patienceMs: 5_000 });
  try {
    const secrets = await store.webhookEndpoints.resealSecrets();
    const { sealed, left, reason } = await store.resealing.run(() => stopped);
    const rows = secrets + sealed;
    if (stopped) console.log(`stopped; sealed anew: ${rows}. Run it again: it goes on with what is left`);
    else if (left === 0) console.log(rows === 0 ? 'every secret is sealed with the first key already' : `sealed anew: ${rows}`);
    else {
      console.error(`sealed anew: ${rows}; ${left} could not be opened and are left as they are; of the last: ${reason}`);
      process.exitCode = 1;
    }
  } finally {
    await store.close();
  }
}

readCommandLine({
  command: 'longhaul rotate-secrets',
  does: 'Seals every stored secret, and the encrypted data of jobs, with the first key of LONGHAUL_SECRET_KEYS.',
});
rotate().catch(failStart);
