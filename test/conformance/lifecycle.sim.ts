import { checkAgreement } from './lifecycle-commands.js';
import { simulatedWorld } from './simulated-world.js';

test('after whatever commands, the simulated store is in the state that the model tells', async () => {
  await checkAgreement([await simulatedWorld()], 300);
}, 60_000);
