import { scenarios } from './faults/index.js';
import { runScenario } from './support/scenario.js';
import { hasVictims, startVictims, type Victims } from './support/victims.mjs';

// `npm test` runs the short ones; `npm run chaos` runs all.
const chosen = scenarios.filter(({ short }) => short === true || process.env['CHAOS'] === 'all');

(hasVictims ? describe : describe.skip)('the promises hold when', () => {
  let victims: Victims;
  beforeAll(async () => {
    victims = await startVictims();
  }, 180_000);
  afterAll(() => victims.stop(), 120_000);

  test.each(chosen)(
    '$name',
    async (scenario) => {
      await runScenario(victims, scenario);
    },
    400_000,
  );
});
