import { inCi, inProofs } from '../support/only-if.js';
import { report, runSchedule } from './run.js';

const ONE = process.env['SIM_SEED'];
/** `npm test` has the first of them, `.ci/run` more, because a thousand take minutes; the proofs have them all. */
const SCHEDULES = Number(process.env['SIM_SCHEDULES'] ?? (inProofs ? 1_000 : inCi ? 500 : 250));
const FIRST = 1;

/** What has to be met at least once in all the schedules, else the simulation is too tame to prove anything. */
const RARE = [
  'a job was taken over from a lost worker',
  'decided: park',
  'a copy that came back was adopted',
  'a zombie was fenced',
  'a duplicate copy was dropped',
  'a claim whose answer was lost was recognised',
  'a settlement whose answer was lost was recognised',
  "a lost commit of a handler's transaction was looked up: settled",
  "a lost commit of a handler's transaction was looked up: running",
  'a suspect was claimed',
  'a long job was handed over to its lease',
  'a job without attempts left ended at its claim',
  'decided: announce',
  'outcomes of several jobs were told together',
  'a sweep moved a job on',
  'a result that the store refuses ended its job alone',
  'an attempt was interrupted by the platform',
  'a message was returned as unroutable',
  'event: interrupted',
  'event: snoozed',
  'event: deferred',
  'event: cancelled',
  'event: redriven',
  'a job started under a limit',
  'a job was parked on its limit',
  'a slot was handed on',
  'a job that was handed on began where its slot was freed',
  'another process released',
  'a job that takes several slots ran',
  'a job without limits waited for its turn',
  'a job was answered that waits with its unique key',
  'a job took the place of another with its unique key',
  'a job that waits was moved',
  'a copy of the queue that a job has left was dropped',
  'a job that was moved was started there',
  'a worker was assigned a queue',
];

describe('under every schedule the promises hold', () => {
  test(
    ONE === undefined ? `${SCHEDULES} schedules, from seed ${FIRST} on` : `the schedule of seed ${ONE}`,
    async () => {
      const seeds = ONE === undefined ? Array.from({ length: SCHEDULES }, (_, index) => FIRST + index) : [Number(ONE)];
      const sightings = new Map<string, number>();
      for (const seed of seeds) {
        const outcome = await runSchedule(seed);
        if (outcome.violations.length > 0) throw new Error(report(outcome));
        for (const [what, times] of outcome.sightings) sightings.set(what, (sightings.get(what) ?? 0) + times);
      }
      if (ONE === undefined && SCHEDULES >= 1_000) expect(RARE.filter((what) => !sightings.has(what))).toEqual([]);
    },
    600_000,
  );

  test('the same seed gives the same trace', async () => {
    for (const seed of [3, 14, 15]) {
      const { trace } = (await runSchedule(seed)).schedule;
      expect((await runSchedule(seed)).schedule.trace).toEqual(trace);
    }
  });
});
