import { type JobId, type LeaseToken, type SettleEvent, type WorkerId } from '@app/core';
import { jobsOf } from '@app/core/testing';
import fc from 'fast-check';
import * as model from './lifecycle-model.js';
import { aJob, anError, copy, LEASE_SECONDS, type StoreWorld, token } from './store-world.js';

/** The model's jobs, with the tokens that were given out for each. */
export interface Model {
  jobs: { id: JobId; key: string | undefined; expected: model.ModelJob; tokens: LeaseToken[] }[];
}

/** The stores that have to agree with the model, each with a worker of its own. */
export interface Stores {
  worlds: StoreWorld[];
  workers: WorkerId[];
  /** Keeps the keys of one run apart from another's. */
  run: number;
}

/** Longer than any delay of these commands, and than the time in which a job must start. */
const ELAPSED_SECONDS = 1_000;
const BOUND_MS = 800_000;

type Entry = Model['jobs'][number];

const worker = { name: 'w', concurrency: 1, queues: [] };

/** Something done to one job, in the model and in every store; afterwards all must agree. */
class Act implements fc.AsyncCommand<Model, Stores> {
  constructor(
    private readonly name: string,
    private readonly pick: number,
    private readonly act: (entry: Entry, stores: Stores) => Promise<void>,
  ) {}

  check({ jobs }: Readonly<Model>): boolean {
    return jobs.length > 0;
  }

  async run({ jobs }: Model, stores: Stores): Promise<void> {
    await this.act(jobs[this.pick % jobs.length] as Entry, stores);
    await agree(jobs, stores);
  }

  toString(): string {
    return `${this.name}(${this.pick})`;
  }
}

class Submit implements fc.AsyncCommand<Model, Stores> {
  constructor(
    private readonly maxAttempts: number,
    private readonly delayed: boolean,
    private readonly key: string | undefined,
    private readonly bound: boolean,
  ) {}

  check({ jobs }: Readonly<Model>): boolean {
    return jobs.length < 4;
  }

  async run({ jobs }: Model, stores: Stores): Promise<void> {
    const idempotency = this.key === undefined ? null : { scope: 'default', key: `${this.key} ${stores.run}`, fingerprint: Buffer.from('same') };
    const job = aJob({
      maxAttempts: this.maxAttempts,
      delayMs: this.delayed ? 500_000 : null,
      idempotency,
      ...(this.bound ? { startWithinMs: BOUND_MS } : {}),
    });
    const outcomes = [];
    for (const { submissions } of stores.worlds) outcomes.push((await submissions.submit([job]))[0]?.status);
    const known = idempotency !== null && jobs.some(({ key }) => key === idempotency.key);
    expect(outcomes).toEqual(outcomes.map(() => (known ? 'replayed' : 'created')));
    if (!known) jobs.push({ id: job.id, expected: model.submit(this.maxAttempts, this.delayed, this.bound), tokens: [], key: idempotency?.key });
    await agree(jobs, stores);
  }

  toString(): string {
    return `submit(${this.maxAttempts}, ${this.delayed}, ${this.key}, ${this.bound})`;
  }
}

async function agree(jobs: Model['jobs'], { worlds }: Stores): Promise<void> {
  for (const { id, expected } of jobs) {
    const { state, attempt, fence, crashes, redrives, deadLetters } = expected;
    const outbox = [...Array<string>(expected.eventRows).fill('event'), ...Array<string>(expected.jobRows).fill('job')];
    for (const world of worlds) expect(await world.row(id)).toMatchObject({ state, attempt, fence, crashes, redrives, outbox, deadLetters });
  }
}

function lease(entry: Entry) {
  entry.tokens.push(token());
  return { jobId: entry.id, publishId: copy(), token: entry.tokens.at(-1) as LeaseToken };
}

async function claim(entry: Entry, { worlds, workers }: Stores): Promise<void> {
  const { expected } = entry;
  const request = lease(entry);
  const granted = model.mayClaim(expected);
  for (const [index, { attempts }] of worlds.entries()) {
    const me = workers[index] as WorkerId;
    const [answer] = await attempts.claim(me, [request]);
    expect(answer?.claimed !== null).toBe(granted && expected.crashes === 0);
    if (granted && expected.crashes > 0) expect(await attempts.claimSuspect(me, request)).not.toBeNull();
  }
  if (granted) model.claim(expected, entry.tokens.length - 1);
}

function takeOver(crashed: boolean) {
  return async (entry: Entry, { worlds, workers }: Stores) => {
    const held = entry.tokens[entry.expected.lease ?? -1] ?? token();
    const request = lease(entry);
    const done = model.takeOver(entry.expected, entry.tokens.length - 1, crashed);
    for (const [index, { attempts }] of worlds.entries()) {
      expect((await attempts.takeOver(workers[index] as WorkerId, request, held, crashed)) !== null).toBe(done);
    }
  };
}

function settle(event: SettleEvent, announce: boolean, which: number) {
  return async (entry: Entry, { worlds }: Stores) => {
    if (entry.tokens.length === 0) return;
    // Mostly the newest token; else one of a zombie's.
    const index = which < 3 ? entry.tokens.length - 1 : which % entry.tokens.length;
    const settlement = { jobId: entry.id, token: entry.tokens[index] as LeaseToken, event, error: anError, delayMs: 500_000, announce };
    for (const { attempts } of worlds) await attempts.settle([settlement]);
    model.settle(entry.expected, index, event, announce);
  };
}

async function exhaust(entry: Entry, { worlds }: Stores): Promise<void> {
  const held = entry.expected.state === 'running' ? (entry.tokens[entry.expected.lease ?? -1] ?? null) : null;
  for (const { attempts } of worlds) await attempts.exhaust(entry.id, null, held, anError);
  model.exhaust(entry.expected);
}

async function defer(entry: Entry, { worlds }: Stores): Promise<void> {
  for (const { attempts } of worlds) await attempts.defer(entry.id, 500_000, 1e12, anError);
  model.defer(entry.expected);
}

function control(what: 'cancel' | 'redrive') {
  return async (entry: Entry, { worlds }: Stores) => {
    const accepted = model[what](entry.expected);
    for (const world of worlds) expect(await world.control[what](entry.id)).toMatchObject({ accepted });
  };
}

/** One worker is lost with everything that it runs, and another takes its place. */
class Lose implements fc.AsyncCommand<Model, Stores> {
  check(): boolean {
    return true;
  }

  async run({ jobs }: Model, stores: Stores): Promise<void> {
    for (const [index, world] of stores.worlds.entries()) {
      const lost = stores.workers[index] as WorkerId;
      expect(await world.workers.recover(lost)).toBe(0);
      await world.holdLock(lost, false);
      await world.workers.recover(lost);
      stores.workers[index] = await begin(world);
    }
    for (const { expected } of jobs) model.lose(expected);
    await agree(jobs, stores);
  }

  toString(): string {
    return 'lose()';
  }
}

/** What should have started by now is ended. */
class Expire implements fc.AsyncCommand<Model, Stores> {
  check(): boolean {
    return true;
  }

  async run({ jobs }: Model, stores: Stores): Promise<void> {
    for (const { workers } of stores.worlds) await workers.expireLate();
    for (const { expected } of jobs) model.expire(expected);
    await agree(jobs, stores);
  }

  toString(): string {
    return 'expire()';
  }
}

class Take implements fc.AsyncCommand<Model, Stores> {
  check(): boolean {
    return true;
  }

  async run({ jobs }: Model, stores: Stores): Promise<void> {
    const due = jobs.filter(({ expected }) => model.take(expected)).map(({ id }) => id);
    for (const [index, world] of stores.worlds.entries()) {
      await world.elapse(ELAPSED_SECONDS);
      await world.workers.heartbeat(stores.workers[index] as WorkerId, worker, { leaseSeconds: LEASE_SECONDS, held: [], events: [] });
      const taken = (await world.outbox.take(1_000, 500)).flatMap(jobsOf);
      expect([...new Set(taken)].filter((id) => jobs.some((entry) => entry.id === id)).sort()).toEqual([...due].sort());
    }
    await agree(jobs, stores);
  }

  toString(): string {
    return 'take()';
  }
}

/** A registered worker that holds its lock. */
export async function begin(world: StoreWorld): Promise<WorkerId> {
  const id = await world.workers.register(worker, LEASE_SECONDS);
  await world.holdLock(id, true);
  return id;
}

const EVENTS = ['succeeded', 'failed', 'cancelled', 'retried', 'snoozed', 'interrupted'] as const;

export function lifecycleCommands(maxCommands: number): fc.Arbitrary<Iterable<fc.AsyncCommand<Model, Stores>>> {
  const act = (name: string, run: (entry: Entry, stores: Stores) => Promise<void>) => fc.nat(3).map((pick) => new Act(name, pick, run));
  return fc.commands(
    [
      fc
        .tuple(fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.option(fc.constantFrom('a', 'b'), { nil: undefined }), fc.boolean())
        .map((args) => new Submit(...args)),
      act('claim', claim),
      act('claim', claim),
      act('take over', takeOver(true)),
      act('take over own', takeOver(false)),
      fc.tuple(fc.constantFrom(...EVENTS), fc.boolean(), fc.nat(5), fc.nat(3)).map(([event, announce, which, pick]) => new Act(`settle ${event}`, pick, settle(event, announce, which))), // prettier-ignore
      act('exhaust', exhaust),
      act('defer', defer),
      act('cancel', control('cancel')),
      act('redrive', control('redrive')),
      fc.constant(new Lose()),
      fc.constant(new Take()),
      fc.constant(new Expire()),
    ],
    { maxCommands },
  );
}

/** Runs random commands on fresh jobs; a failure prints fast-check's seed and path, which SIM_SEED and SIM_PATH replay. */
export async function checkAgreement(worlds: StoreWorld[], numRuns: number): Promise<void> {
  const seed = process.env['SIM_SEED'];
  const path = process.env['SIM_PATH'];
  const replay = { ...(seed === undefined ? {} : { seed: Number(seed) }), ...(path === undefined ? {} : { path }) };
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(lifecycleCommands(25), async (commands) => {
      runs++;
      const run = runs;
      const workers: WorkerId[] = [];
      for (const world of worlds) workers.push(await begin(world));
      await fc.asyncModelRun(() => ({ model: { jobs: [] }, real: { worlds, workers, run } }), commands);
    }),
    { numRuns, ...replay },
  );
}
