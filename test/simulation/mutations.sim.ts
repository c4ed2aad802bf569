import { type Defect, DEFECTS } from './defects.js';
import { runSchedule } from './run.js';
import { SCRIPTS, sweepSteps } from './single-fault.js';

/** Schedules within which each known-bad variant has to be caught. The usual ones need far fewer; see the printed numbers. */
const WITHIN = 1_000;

/** These cost no promise but time: other nets catch the job later. The sweep of single faults sees it. */
const SLOW: Partial<Record<Defect, () => Promise<string | undefined>>> = {
  'a copy that comes back takes nothing over': () =>
    sweepSteps(SCRIPTS['a job that works a while'] ?? { workMs: 300 }, 'crash w1', ['a copy that comes back takes nothing over']),
};

async function caughtAfter(defect: Defect): Promise<{ seeds: number; by: string } | undefined> {
  for (let seed = 1; seed <= WITHIN; seed++) {
    const { violations } = await runSchedule(seed, [defect]);
    if (violations.length > 0) return { seeds: seed, by: violations[0] as string };
  }
  return undefined;
}

describe('the simulation is strong enough to catch the protocol without', () => {
  test.each(DEFECTS)(
    '%s',
    async (defect) => {
      const slow = SLOW[defect];
      if (slow) {
        expect(await slow()).toMatch(/took \d+ ms longer/);
        return;
      }
      const caught = await caughtAfter(defect);
      if (process.env['SIM_VERBOSE']) process.stderr.write(`${defect}: ${caught ? `seed ${caught.seeds}: ${caught.by}` : 'NOT CAUGHT'}\n`);
      expect(caught).toBeDefined();
    },
    300_000,
  );
});
