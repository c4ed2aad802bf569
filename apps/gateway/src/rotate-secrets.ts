import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { ConfigError, createLogger, Environment, failStart, runtimeConfig, Store } from '@app/host';
import { readCommandLine } from '@app/host/processes';
import { newWebhookSecret } from '@app/notifications';
import { audit, Misused, readReason } from './database-command.js';
import { reasonsConfig } from './rights/reasons.config.js';

/**
 * `longhaul rotate-secrets`, `npm run secrets:rotate`: seals every stored secret, and the encrypted data of jobs, with the first key of LONGHAUL_SECRET_KEYS. Safe to run beside gateways and workers that
 * have both keys, and to repeat. Afterwards the former keys can leave the list. `--replace-lost`: webhooks whose secret no key of the list opens get a new one.
 */
const OPTIONS = { 'replace-lost': { type: 'boolean' }, reason: { type: 'string' } } as const;
const ACT = 'rotateWebhookSecret';

let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void (stopped = true));

async function rotate(replacesLost: boolean, given: string | undefined): Promise<void> {
  const env = new Environment(process.env);
  if (env.text('LONGHAUL_SECRET_KEYS', '') === '') throw new ConfigError('LONGHAUL_SECRET_KEYS', 'set: its first key seals from now on', undefined);
  const reason = readReason(given);
  if (replacesLost && reason.reason === undefined && reasonsConfig(env).has(ACT))
    throw new Misused(`expected --reason <text>: this installation requires one for ${ACT} (REQUIRE_REASONS)`);
  const store = await Store.open(runtimeConfig(env), 'longhaul rotate secrets', createLogger('rotate-secrets', 'fatal'), { patienceMs: 5_000 });
  try {
    if (replacesLost) await replaceLost(store, reason);
    const secrets = await store.webhookEndpoints.resealSecrets();
    const { sealed, left, reason: why } = await store.resealing.run(() => stopped);
    const rows = secrets + sealed;
    if (stopped) console.log(`stopped; sealed anew: ${rows}. Run it again: it goes on with what is left`);
    else if (left === 0) console.log(rows === 0 ? 'every secret is sealed with the first key already' : `sealed anew: ${rows}`);
    else {
      console.error(`sealed anew: ${rows}; ${left} could not be opened and are left as they are; of the last: ${why}`);
      process.exitCode = 1;
    }
  } finally {
    await store.close();
  }
}

/** New secrets are printed this once: their receivers need them. */
async function replaceLost(store: Store, reason: { reason?: string }): Promise<void> {
  for (const { endpoint, secret } of await store.webhookEndpoints.replaceLost(newWebhookSecret)) {
    const target = endpoint === null ? '/webhooks/callback-secret' : `/webhooks/endpoints/${endpoint.id}/rotate-secret`;
    await audit(store, endpoint === null ? 'rotateCallbackSecret' : ACT, target, { lost: true, ...reason });
    const whose = endpoint === null ? 'callback URLs' : `endpoint ${endpoint.id}, ${endpoint.url}`;
    if (secret === null) console.error(`${whose}: a former secret that no key opens was dropped; the current one stays`);
    else console.log(`${whose}: the new secret is ${secret}`);
  }
}

const args = process.argv.slice(2);
const { values, tokens } = parseArgs({ args, options: OPTIONS, strict: false, allowPositionals: true, tokens: true });
const others = tokens.filter((token) => token.kind !== 'option' || !(token.name in OPTIONS)).map(({ index }) => args[index] ?? '');
readCommandLine(
  {
    command: 'longhaul rotate-secrets',
    does: 'Seals every stored secret, and the encrypted data of jobs, with the first key of LONGHAUL_SECRET_KEYS.',
  },
  others,
);
rotate(values['replace-lost'] === true, typeof values.reason === 'string' ? values.reason : undefined).catch((error: unknown) => {
  if (!(error instanceof Misused)) return failStart(error);
  process.stderr.write(`longhaul: ${error.message}\n`);
  process.exitCode = 2;
});
