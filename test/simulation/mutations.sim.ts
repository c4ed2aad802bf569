import { type Defect, DEFECTS } from './defects.js';
import { runSchedule } from './run.js';
import { SCRIPTS, sweepSteps } from './single-fault.js';

/** Schedules within which each known-bad variant has to be caught, beside the one that has caught it before. */
const WITHIN = 1_000;

/** These cost no promise but time: other nets catch the job later. The sweep of single faults sees it. */
const SLOW: Partial<Record<Defect, () => Promise<string | undefined>>> = {
  'a copy that comes back takes nothing over': () =>
    sweepSteps(SCRIPTS['a job that works a while'] ?? { workMs: 300 }, 'crash w1', ['a copy that comes back takes nothing over']),
};

/** These need a crash at one certain step, which few schedules have: the sweep of single faults has them all. */
const BY_CRASH: readonly Defect[] = ['a job that was handed on comes again under another id', 'nobody hears of a job that was handed on and has ended'];

/**
 * The schedule that has caught a variant before is tried first, because a search takes up to twenty seconds. A change of the protocol may move it:
 * then all schedules are tried, and SIM_VERBOSE=1 prints the new seed.
 */
const CAUGHT_BY: Partial<Record<Defect, number>> = {
  'a settlement does not check its token': 28,
  'the delivery is accepted before the settlement commits': 10,
  'a take-over does not look whether the owner lives': 6,
  'a claim does not count its attempt': 9,
  'a returned message counts as confirmed': 165,
  'every copy of a job has the same publish id': 315,
  'the sweep does not check the lease again': 1_077,
  'a repeated settlement is not recognised': 250,
  'a finished job that comes back is not announced again': 27,
  'an acceptance whose answer was lost is stored again': 225,
  'a settlement that the store refuses for its data is sent again as it is': 19,
  'a transaction that the database has lost costs an attempt': 27,
  'a message is accepted when one of its jobs has ended': 10,
  'a failed job takes the others of its message to the dead letters': 31,
  'an outcome that is told with others counts as told without its confirm': 28,
  'a job that fails keeps its slots': 30,
  'nobody wakes what is parked when its limit has room': 9,
  'a job that is parked on a limit is forgotten when that is deleted': 9,
  'a claim does not look whether the job has its slots': 46,
  'two processes release at a time': 30,
  'a job is stored by limits that have changed': 9,
  'what is published until the next look is not counted': 9,
  'what is due goes to the broker whatever it may get': 11,
  'a newer job with the same unique key leaves the older one waiting': 12,
  'a job that has started keeps its unique key': 7,
  'a job that waits for a slot is dropped instead of put back': 4,
  'a job that takes several slots begins with one': 38,
  'a claim does not look at the queue of its message': 63,
  'a job that is moved gets no new place': 26,
  'a worker is sent jobs of a queue that it takes from no more': 584,
  'a job that was handed on leaves no row in the outbox': 9,
};

async function caughtAfter(defect: Defect): Promise<{ seed: number; by: string } | undefined> {
  const known = CAUGHT_BY[defect];
  const seeds = [...(known === undefined ? [] : [known]), ...Array.from({ length: WITHIN }, (_, index) => index + 1)];
  for (const seed of seeds) {
    const { violations } = await runSchedule(seed, [defect]);
    if (violations.length > 0) return { seed, by: violations[0] as string };
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
      if (BY_CRASH.includes(defect)) {
        expect(await sweepSteps(SCRIPTS['jobs of one limit, one after the other'] ?? { workMs: 50 }, 'crash w1', [defect])).toMatch(
          /which was never published/,
        );
        return;
      }
      const caught = await caughtAfter(defect);
      if (process.env['SIM_VERBOSE']) process.stderr.write(`${defect}: ${caught ? `seed ${caught.seed}: ${caught.by}` : 'NOT CAUGHT'}\n`);
      expect(caught).toBeDefined();
    },
    300_000,
  );
});
