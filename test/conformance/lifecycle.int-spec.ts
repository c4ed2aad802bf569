import { checkAgreement } from './lifecycle-commands.js';
import { postgresWorld } from './postgres-world.js';
import { simulatedWorld } from './simulated-world.js';

test('after whatever commands, PostgreSQL, the simulated store and the model are in the same state', async () => {
  const postgres = await postgresWorld();
  try {
    await checkAgreement([postgres, await simulatedWorld()], 30);
  } finally {
    await postgres.close();
  }
}, 120_000);
