import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../support/index.js';
import { LeaseLedger } from '../support/lease-ledger.js';
import type { Arena, Scenario } from '../support/scenario.js';

const LIMIT = 5;
const JOB_MS = 50;
/** Of the scenario whose figure is the use of the limit: with CHAOS_LIMIT_JOBS=10000, as many as its bar names. */
const JOBS = Number(process.env['CHAOS_LIMIT_JOBS'] ?? 3_000);
const KILL_EVERY_MS = 5_000;
const STRIKE_MS = 200_000;
const RATE = { perSecond: 10, burst: 10, jobs: 400 };
/** So many jobs of a queue may be released and not started: they start together when workers come back. */
const HEADROOM = 16;

type Limit = { concurrency: number } | { rate: string; burst: number };

/** A limit for every job of the load, set before the first is submitted, and the ledger of what it lets run. */
class UnderLimit {
  ledger: LeaseLedger | undefined;

  async prepare({ world, load }: Arena, kind: string, limit: Limit, backlog = 0): Promise<void> {
    this.ledger = await LeaseLedger.keep(world);
    const { status, body } = await world.api().call('PUT', '/limits/chaos', { match: { kind }, ...limit });
    if (status !== 200 && status !== 202) throw new Error(`expected the limit to be set, got ${String(status)}: ${JSON.stringify(body)}`);
    await load.backlog(backlog);
  }

  get leases(): LeaseLedger {
    if (!this.ledger) throw new Error('expected the ledger to be kept');
    return this.ledger;
  }

  async neverMoreThan(most: number): Promise<void> {
    const held = await this.leases.most();
    say(held <= most, `limit of ${String(most)}: at most ${String(held)} attempts held a lease at once`);
    if (held > most) throw new Error(`expected at most ${String(most)} attempts under the limit to hold a lease at once, got ${String(held)}`);
    if (held < most) throw new Error(`expected to see the limit of ${String(most)} in use, got at most ${String(held)}`);
  }
}

/** A figure is printed and fails nothing: it depends on the machine. */
function say(passed: boolean, what: string): void {
  process.stdout.write(`${passed ? 'PASS' : 'FAIL'}  ${what}\n`);
}

async function nothingIsLeft({ world }: Arena): Promise<void> {
  const left = await world.query(`SELECT limit_key, job_id FROM flow_slots`);
  if (left.length > 0) throw new Error(`expected no slot to be taken when nothing runs, got ${JSON.stringify(left)}`);
  const waiting = await world.query(`SELECT job_id FROM waiting_room`);
  if (waiting.length > 0) throw new Error(`expected nobody to wait, got ${JSON.stringify(waiting)}`);
}

const ledgerJob = () => ({ kind: 'debug.ledger', payload: { key: randomUUID(), ms: JOB_MS } });
const sleepJob = () => ({ kind: 'debug.sleep', payload: { ms: JOB_MS } });

/** Kills one of these each five seconds while jobs wait, and says when the last of them left the room. */
async function killWhileJobsWait(
  { world, random }: Arena,
  slots: () => { kill: (signal: NodeJS.Signals) => void }[],
): Promise<{ kills: number; until: string }> {
  let [kills, until] = [0, ''];
  let next = Date.now() + KILL_EVERY_MS;
  const waits = async () => {
    const [row] = await world.query<{ waiting: boolean; now: string }>(
      'SELECT (SELECT count(*) FROM (SELECT FROM waiting_room LIMIT 50) w) = 50 AS waiting, clock_timestamp()::text AS now',
    );
    if (row?.waiting) until = row.now;
    return row?.waiting === true;
  };
  // Where a machine is too slow to get through, the rest is left to the end, without kills.
  const end = Date.now() + STRIKE_MS;
  while (Date.now() < end && (await waits())) {
    if (Date.now() >= next) {
      random.pick(slots()).kill('SIGKILL');
      kills++;
      next += KILL_EVERY_MS;
    }
    await delay(100);
  }
  if (kills === 0) throw new Error('expected jobs to wait for longer than the time between two kills');
  return { kills, until };
}

function killingWorkers(): Scenario {
  const limit = new UnderLimit();
  return {
    name: 'limits: five jobs may run at once, of four workers one is killed each five seconds',
    group: 'limits',
    world: { workers: 4, env: { ADMISSION_QUEUE_DEPTH: '0', ADMISSION_DEPTH: '0' } },
    ratePerSecond: 5,
    order: sleepJob,
    prepare: (arena) => limit.prepare(arena, 'debug.sleep', { concurrency: LIMIT }, JOBS),
    strike: async (arena) => {
      const { kills, until } = await killWhileJobsWait(arena, () => arena.world.workers);
      const { starts, seconds } = await limit.leases.startsUntil(until);
      const use = starts / seconds / ((LIMIT * 1_000) / JOB_MS);
      say(use >= 0.9, `limit of ${String(LIMIT)}: ${(use * 100).toFixed(0)} % of the possible rate, with ${String(starts)} starts in ${seconds.toFixed(1)} s and ${String(kills)} kills (bar: 90 %)`); // prettier-ignore
    },
    expect: async (arena) => {
      await limit.neverMoreThan(LIMIT);
      await nothingIsLeft(arena);
    },
    quietWithinMs: 180_000,
  };
}

function killingGateways(): Scenario {
  const limit = new UnderLimit();
  return {
    name: 'limits: five jobs may run at once, and gateways that release and publish are killed',
    group: 'limits',
    world: { gateways: 2, workers: 2 },
    ratePerSecond: 5,
    order: ledgerJob,
    prepare: (arena) => limit.prepare(arena, 'debug.ledger', { concurrency: LIMIT }, 500),
    strike: async (arena) => {
      await killWhileJobsWait(arena, () => arena.world.gateways);
    },
    expect: async (arena) => {
      await limit.neverMoreThan(LIMIT);
      await nothingIsLeft(arena);
    },
    quietWithinMs: 180_000,
  };
}

function killingUnderARate(): Scenario {
  const limit = new UnderLimit();
  const { perSecond, burst, jobs } = RATE;
  return {
    name: 'limits: a rate of 10/s with a burst of 10 holds while workers are killed',
    group: 'limits',
    world: { workers: 4, env: { ADMISSION_QUEUE_DEPTH: '0', ADMISSION_DEPTH: '0' } },
    ratePerSecond: 1,
    order: sleepJob,
    prepare: (arena) => limit.prepare(arena, 'debug.sleep', { rate: `${String(perSecond)}/s`, burst }, jobs),
    strike: async (arena) => {
      const { kills, until } = await killWhileJobsWait(arena, () => arena.world.workers);
      const { starts, seconds } = await limit.leases.startsUntil(until);
      say(
        starts / seconds >= 9.8,
        `rate of 10/s: ${(starts / seconds).toFixed(2)} starts/s over ${seconds.toFixed(1)} s with ${String(kills)} kills (bar: 9.8)`,
      );
    },
    expect: async (arena) => {
      const excess = await limit.leases.excessOver(perSecond);
      const allowed = burst + HEADROOM;
      say(excess <= allowed, `rate of 10/s: no window of w s has more than 10w + ${excess.toFixed(1)} starts (bar: 10w + ${String(allowed)})`);
      if (excess > allowed) throw new Error(`expected at most 10w + ${String(allowed)} starts in any w s, got 10w + ${excess.toFixed(1)}`);
      await nothingIsLeft(arena);
    },
    quietWithinMs: 180_000,
  };
}

function changingTheLimit(): Scenario {
  const limit = new UnderLimit();
  const put = async ({ world }: Arena, concurrency: number) =>
    waitFor(
      'the limit to be changed',
      async () => (await world.api().call('PUT', '/limits/chaos', { match: { kind: 'debug.ledger' }, concurrency })).status < 300,
    );
  return {
    name: 'limits: lowered, raised and deleted while jobs wait and run, and workers die',
    group: 'limits',
    world: { workers: 3 },
    ratePerSecond: 10,
    order: ledgerJob,
    prepare: (arena) => limit.prepare(arena, 'debug.ledger', { concurrency: LIMIT }, 300),
    strike: async (arena) => {
      const { world, random, progress } = arena;
      for (const concurrency of [1, LIMIT, 2]) {
        await put(arena, concurrency);
        random.pick(world.workers).kill('SIGKILL');
        await progress(10, 90_000);
      }
      await limit.neverMoreThan(LIMIT);
      // Whoever is parked on it must not wait for ever.
      await waitFor('the limit to be deleted', async () => (await world.api().call('DELETE', '/limits/chaos')).status < 300);
    },
    expect: nothingIsLeft,
    quietWithinMs: 180_000,
  };
}

export const limitFaults: Scenario[] = [killingWorkers(), killingUnderARate(), killingGateways(), changingTheLimit()];
