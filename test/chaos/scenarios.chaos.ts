import { scenarios } from './faults/index.js';
import { describeIf, inCi } from '../support/only-if.js';
import { runScenario } from './support/scenario.js';
import { hasVictims, startVictims, type Victims } from './support/victims.mjs';

const all = process.env['CHAOS'] === 'all';
// `.ci/run` runs the short ones; `npm run chaos` runs all.
const chosen = scenarios.filter(({ short }) => short === true || all);

describeIf(hasVictims && (all || inCi), hasVictims ? '.ci/run runs it' : 'no RabbitMQ that may be killed')('the promises hold when', () => {
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
