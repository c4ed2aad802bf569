// Removes every database, vhost and file of this run, whatever the test files did.

import { rmSync } from 'node:fs';
import { administerPostgres, dropDatabases, filesDir, listVhosts, namePrefix, removeUsers, removeVhosts, testServices } from './services.mjs';

export default async function tearDown() {
  const mine = (/** @type {string} */ name) => name.startsWith(namePrefix());
  rmSync(filesDir(), { recursive: true, force: true });
  await administerPostgres((client) => dropDatabases(client, mine));
  if (!testServices().amqpUrl) return;
  await removeVhosts((await listVhosts()).filter(mine));
  await removeUsers(mine);
}
