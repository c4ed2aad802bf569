import { scenarios } from './faults/index.js';
import { describeIf } from '../support/only-if.js';
import { runScenario } from './support/scenario.js';
import { hasVictims, startVictims, type Victims } from './support/victims.mjs';

/** With this mechanism taken out of the product, that scenario must fail; else it guards nothing. */
const SABOTAGES = [
  {
    without: ['no-fencing'],
    scenario: 'a worker frozen as it settles, past its lease, wakes as a zombie',
    fails: /insideTwice|insideMissing|outsideTwiceInOneRun|eventsContradicting/,
  },
  { without: ['no-outbox-sweep'], scenario: 'a gateway dies after the submit commits, before the answer and the publish', fails: /stuck|succeed/ },
  { without: ['no-takeover', 'no-lease-sweep'], scenario: 'a worker dies after the claim, before the handler', fails: /stuck|succeed/ },
  {
    without: ['crash-not-counted'],
    scenario: 'a job that kills its process each time ends as a dead letter, its neighbours succeed',
    fails: /stuck|attempt|deaths|succeed/,
  },
];

describeIf(hasVictims && process.env['CHAOS'] === 'all', 'npm run proofs runs it')('the fault tests notice', () => {
  let victims: Victims;
  beforeAll(async () => {
    victims = await startVictims();
  }, 180_000);
  afterAll(() => victims.stop(), 120_000);

  test.each(SABOTAGES)(
    '$without: $scenario',
    async ({ without, scenario: name, fails }) => {
      const scenario = scenarios.find((each) => each.name === name);
      if (!scenario) throw new Error(`expected a scenario ${name}`);
      await expect(runScenario(victims, { ...scenario, quietWithinMs: 30_000 }, { sabotage: without })).rejects.toThrow(fails);
    },
    400_000,
  );
});
