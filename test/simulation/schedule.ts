import type { Random } from './random.js';

/** Whose the continuation of an event is: it happens only while that lives, and waits while it is frozen. */
export interface Owner {
  readonly name: string;
  readonly dead: boolean;
  readonly frozenUntil: number;
}

/** Clients and supervisors: they never die. */
export const OUTSIDE: Owner = { name: '', dead: false, frozenUntil: 0 };

export interface Step {
  at: number;
  order: number;
  owner: Owner | null;
  label: string;
  act: () => void;
  cancelled: boolean;
}

interface Line {
  at: number;
  owner: { name: string } | null;
  text: string;
}

const KEPT = 4000;

/**
 * Virtual time and the one queue of everything that is about to happen. A step runs to its end, with all the
 * continuations that it wakes, before the next begins; which one is next follows from the seed by the delays drawn.
 */
export class Schedule {
  now = 0;
  steps = 0;
  /** Every step and note, the last some hundred. */
  private readonly all: Line[] = [];
  /** Only what matters to a reader: faults, changes of state, deliveries, publications. */
  private readonly notes: Line[] = [];
  private readonly heap: Step[] = [];
  private order = 0;
  private readonly names = new Map<string, string>();
  private readonly counts = new Map<string, number>();

  constructor(
    readonly random: Random,
    /** Delays of networks and services in this schedule, in milliseconds. */
    private readonly tempo: { usual: number; rare: number },
  ) {}

  /** How long a message is on its way: mostly short, now and then long, so that orders change. */
  latency(): number {
    if (this.random.chance(0.03)) return this.random.int(0, this.tempo.rare);
    return this.random.int(0, this.tempo.usual);
  }

  post(delay: number, owner: Owner | null, label: string, act: () => void): Step {
    const step: Step = { at: this.now + Math.max(0, delay), order: this.order++, owner, label, act, cancelled: false };
    this.push(step);
    return step;
  }

  /** Runs the next step that is still to happen, and lets everything that it woke come to rest. False when nothing is left. */
  async next(beforeStep?: (step: Step) => void): Promise<boolean> {
    for (let step = this.pop(); step; step = this.pop()) {
      if (step.cancelled || step.owner?.dead) continue;
      if (step.owner && step.owner.frozenUntil > step.at) {
        step.at = step.owner.frozenUntil;
        this.push(step);
        continue;
      }
      this.now = Math.max(this.now, step.at);
      this.steps++;
      beforeStep?.(step);
      // The fault may have struck the owner of this very step.
      if (isHeldUp(step, this.now)) {
        this.push(step);
        return true;
      }
      if (step.label !== '') this.record(this.all, step.owner, step.label);
      step.act();
      // What has no owner (a server at work) wakes nobody: its answers are steps of their own.
      if (step.owner) await rest();
      return true;
    }
    return false;
  }

  note(owner: { name: string } | null, text: string): void {
    this.record(this.all, owner, text);
    this.record(this.notes, owner, text);
  }

  get trace(): string[] {
    return this.all.map(printed);
  }

  get story(): string[] {
    return this.notes.map(printed);
  }

  private record(lines: Line[], owner: { name: string } | null, text: string): void {
    lines.push({ at: this.now, owner, text });
    if (lines.length > 2 * KEPT) lines.splice(0, KEPT);
  }

  /** A short name for an id, in the order of first mention: ids differ from run to run, names do not. */
  name(kind: string, id: string | null): string {
    if (id === null) return '-';
    let name = this.names.get(id);
    if (name === undefined) {
      const count = (this.counts.get(kind) ?? 0) + 1;
      this.counts.set(kind, count);
      this.names.set(id, (name = `${kind}${count}`));
    }
    return name;
  }

  private push(step: Step): void {
    const { heap } = this;
    let index = heap.push(step) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(step, heap[parent] as Step)) break;
      heap[index] = heap[parent] as Step;
      index = parent;
    }
    heap[index] = step;
  }

  private pop(): Step | undefined {
    const { heap } = this;
    const [top] = heap;
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Step, heap[child] as Step)) child++;
      if (!before(heap[child] as Step, last)) break;
      heap[index] = heap[child] as Step;
      index = child;
    }
    heap[index] = last;
    return top;
  }
}

/** Dead or frozen, for whatever happened since the step was chosen; it is looked at again. */
function isHeldUp({ owner }: Step, now: number): boolean {
  return owner !== null && (owner.dead || owner.frozenUntil > now);
}

function printed({ at, owner, text }: Line): string {
  return `${String(at).padStart(7)} ${(owner?.name ?? '').padEnd(4)} ${text}`;
}

function before(a: Step, b: Step): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Two turns of the event loop: MicroBatcher flushes one turn after an item came, and calls the store then. */
async function rest(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
