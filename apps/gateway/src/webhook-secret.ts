import 'reflect-metadata';
import { newWebhookSecret, notificationsConfig } from '@app/notifications';
import { createLogger, Environment, failStart, runtimeConfig, Store } from '@app/host';
import { readCommandLine } from '@app/host/processes';

/** `longhaul webhook-secret`, `npm run webhook-secret`: prints the secret that signs the webhooks of callback URLs, and makes it if there is none. */
async function show(): Promise<void> {
  const env = new Environment(process.env);
  const [configured] = notificationsConfig(env).webhooks.callbackSecrets;
  if (configured !== undefined) {
    console.log(configured);
    return;
  }
  const store = await Store.open(runtimeConfig(env), 'longhaul webhook secret', createLogger('webhook-secret', 'fatal'), { patienceMs: 5_000 });
  try {
    console.log(await store.webhookEndpoints.callbackSecret(newWebhookSecret()));
  } finally {
    await store.close();
  }
}

readCommandLine({ command: 'longhaul webhook-secret', does: 'Prints the secret that signs the webhooks of callback URLs, and makes it if there is none.' });
show().catch(failStart);
