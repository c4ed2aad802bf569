import type { Job, SubmitRequest } from '@app/core';
import type { Random } from './random.js';
import { OUTSIDE } from './schedule.js';
import { OTHER_QUEUE, QUEUE } from './queues.js';
import { HEAVY_KIND, KIND, NEW_KIND, type Script } from './script.js';
import { assignQueues } from './store/workers.js';
import type { World } from './world.js';

const PATIENCE_MS = 3_000;
/** Jobs that a client of a flood submits at once. */
const FLOOD_BATCH = 12;

/** Clients: submit with and without keys, again where no answer came, twice at once; cancel and redrive now and then. */
export class Clients {
  private open = 0;

  constructor(private readonly world: World) {}

  /** Every request has its answer, or its client has given up. */
  get done(): boolean {
    return this.open === 0;
  }

  begin(jobs: number): void {
    const { schedule, random } = this.world;
    for (let number = 1; number <= jobs; number++) {
      const request = this.request(number);
      const at = random.int(0, 6_000);
      this.later(at, request, 4);
      if (request.idempotencyKey !== undefined && random.chance(0.4)) this.later(at + random.int(0, 30), request, 4);
      if (request.idempotencyKey !== undefined && random.chance(0.1))
        this.later(at + random.int(0, 3_000), { ...request, payload: { other: true, workMs: 0 } }, 1);
    }
    if (random.chance(0.7)) schedule.post(random.int(0, 6_000), OUTSIDE, '', () => this.submitTogether(random.int(2, 9)));
    for (let number = random.int(0, 3); number > 0; number--) {
      const what = random.chance(0.6) ? 'cancel' : 'redrive';
      schedule.post(random.int(500, 12_000), OUTSIDE, '', () => this.control(what));
    }
  }

  submitAt(delay: number, request: SubmitRequest): void {
    this.later(delay, request, 4);
  }

  /** Jobs of which one alone is to wait: those that come replace it, or leave it. */
  submitUnique(dice: Random): void {
    const at = dice.int(0, 3_000);
    for (let number = dice.int(2, 8); number > 0; number--) {
      const script: Script = { workMs: dice.pick([0, 200, 1_500]), ...(dice.chance(0.2) ? { failTimes: 1 } : {}) };
      const unique = { key: dice.chance(0.7) ? 'one' : 'other', keep: dice.pick(['oldest', 'newest'] as const) };
      const options = { maxAttempts: 3, priority: dice.int(0, 9), unique, ...(dice.chance(0.3) ? { delay: dice.int(1, 2_000) } : {}) };
      const idempotencyKey = dice.chance(0.5) ? { idempotencyKey: `unique ${number}` } : {};
      this.later(at + dice.int(0, 2_500), { kind: KIND, payload: script as never, options, ...idempotencyKey }, 4);
    }
  }

  /** Jobs that take several slots, among others. */
  submitHeavy(dice: Random): void {
    for (let number = dice.int(2, 6); number > 0; number--) {
      const payload = { workMs: dice.pick([0, 200, 1_500, 5_000]), ...(dice.chance(0.2) ? { crashTimes: 1 } : {}) } as never;
      this.later(dice.int(0, 6_000), { kind: HEAVY_KIND, payload, options: { maxAttempts: 3, priority: dice.int(0, 9) } }, 1);
    }
  }

  /** More at once than the queue may hold, now or when their time comes. */
  flood(dice: Random): void {
    const at = dice.int(0, 5_000);
    const options = { maxAttempts: 3, ...(dice.chance(0.4) ? { delay: dice.int(500, 2_000) } : {}) };
    for (let batch = dice.int(4, 8); batch > 0; batch--) {
      const requests = Array.from({ length: FLOOD_BATCH }, () => ({ kind: KIND, options, payload: { workMs: dice.pick([0, 0, 20, 100]) } as never }));
      this.together(at + dice.int(0, 100), requests);
    }
  }

  /** An operator gives single workers one queue each, which may leave the other to nobody, and in the end all of them all queues. */
  assignQueues(dice: Random): void {
    const { schedule, tables, ledger } = this.world;
    const later = (delay: number, name?: string, queues?: string[]) =>
      schedule.post(delay, OUTSIDE, '', () => {
        schedule.note(null, `*** ${name ?? 'each worker'} is to take from ${queues?.join() ?? 'all queues'}`);
        assignQueues(tables, name, queues);
        if (queues) ledger.saw('a worker was assigned a queue');
      });
    let at = dice.int(0, 3_000);
    for (let changes = dice.int(2, 6); changes > 0; changes--, at += dice.int(300, 4_000))
      later(at, `w${dice.int(1, 3)}`, dice.pick([[QUEUE], [OTHER_QUEUE], undefined]));
    later(at);
  }

  /** An operator moves all jobs that wait to the other queue, and mostly back. */
  moveWaiting(dice: Random): void {
    let at = dice.int(200, 4_000);
    for (let moves = dice.int(1, 4), to = OTHER_QUEUE; moves > 0; moves--, to = to === QUEUE ? OTHER_QUEUE : QUEUE) {
      const queue = to;
      this.world.schedule.post(at, OUTSIDE, '', () => {
        this.world.schedule.note(null, `*** all that waits is moved to ${queue}`);
        void this.gateway()?.move(queue);
      });
      at += dice.int(50, 4_000);
    }
  }

  /** Failed jobs get a second chance, some of them. */
  redriveFailed(): void {
    for (const job of this.world.jobs()) if (job.state === 'failed' && this.world.random.chance(0.5)) void this.gateway()?.control('redrive', job);
  }

  /** A batch, without keys and of one priority: its jobs are woken up together. */
  private submitTogether(jobs: number): void {
    const { random } = this.world;
    const [kind, options] = [random.chance(0.1) ? NEW_KIND : KIND, { maxAttempts: 3, priority: random.int(0, 9) }];
    const requests = Array.from({ length: jobs }, () => ({ kind, options, payload: this.script() as never }));
    this.together(0, requests);
  }

  private together(delay: number, requests: SubmitRequest[]): void {
    const submit = () => void Promise.race([this.gateway()?.submitAll(requests), this.patience()]).finally(() => this.open--);
    this.open++;
    if (delay > 0) this.world.schedule.post(delay, OUTSIDE, '', submit);
    else submit();
  }

  private patience(): Promise<void> {
    return new Promise((resolve) => this.world.schedule.post(PATIENCE_MS, OUTSIDE, '', resolve));
  }

  private control(what: 'cancel' | 'redrive'): void {
    const jobs = this.world.jobs().filter(({ state }) => what === 'cancel' || state === 'failed');
    if (jobs.length > 0) void this.gateway()?.control(what, this.world.random.pick(jobs));
  }

  private later(delay: number, request: SubmitRequest, tries: number): void {
    this.open++;
    this.world.schedule.post(delay, OUTSIDE, '', () => this.attempt(request, tries));
  }

  private attempt(request: SubmitRequest, tries: number): void {
    const { schedule } = this.world;
    let over = false;
    const end = (answer: Job | 'refused' | 'unknown') => {
      if (over) return;
      over = true;
      patience.cancelled = true;
      // Without a key a repetition could make a second job: such a client gives up.
      if (answer === 'unknown' && tries > 1 && request.idempotencyKey !== undefined) this.later(500, request, tries - 1);
      this.open--;
    };
    const patience = schedule.post(PATIENCE_MS, OUTSIDE, '', () => end('unknown'));
    const gateway = this.gateway();
    if (gateway) void gateway.submit(request).then(end);
  }

  private gateway() {
    const up = [...this.world.gateways.values()].filter(({ process }) => !process.dead);
    return up.length > 0 ? this.world.random.pick(up) : undefined;
  }

  private request(number: number): SubmitRequest {
    const { random } = this.world;
    return {
      kind: random.chance(0.1) ? NEW_KIND : KIND,
      payload: this.script() as never,
      options: {
        maxAttempts: random.int(1, 4),
        priority: random.int(0, 9),
        ...(random.chance(0.15) ? { delay: random.int(1, 4_000) } : {}),
        ...(random.chance(0.15) ? { timeout: random.int(500, 3_000) } : {}),
      },
      ...(random.chance(0.6) ? { idempotencyKey: `key ${number}` } : {}),
    };
  }

  private script(): Script {
    const { random } = this.world;
    const maybe = <Key extends keyof Script>(chance: number, key: Key, value: Script[Key]) => (random.chance(chance) ? { [key]: value } : {});
    return {
      workMs: random.pick([0, 20, 200, 1_500, 3_000, 6_000, 9_000]),
      ...maybe(0.4, 'effect', true),
      ...maybe(0.3, 'inTransactionMs', random.int(0, 2_500)),
      ...maybe(0.2, 'failTimes', random.int(1, 4)),
      ...maybe(0.15, 'crashTimes', random.int(1, 4)),
      ...maybe(0.05, 'fatal', true),
      ...maybe(0.1, 'snoozes', true),
      ...maybe(0.1, 'deaf', true),
      ...maybe(0.2, 'step', true),
      ...maybe(0.3, 'progress', true),
      ...maybe(0.1, 'unstorable', true),
    };
  }
}
