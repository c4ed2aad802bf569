import type { Clock } from '../kit/clock.js';
import type { Logger } from '../kit/logger.js';
import { PollingLoop } from '../kit/polling-loop.js';

/** Who has paused a queue or a kind, and why, as far as that was said. */
export interface PauseNote {
  by?: string;
  reason?: string;
}

/** Whether a queue or a kind is paused; the other fields are null while it is not. */
export interface Pause {
  paused: boolean;
  pausedAt: Date | null;
  pausedBy: string | null;
  pauseReason: string | null;
}

export interface PausedNames {
  queues: string[];
  kinds: string[];
}

export interface PauseReader {
  /** All that is paused. */
  paused(): Promise<PausedNames>;
}

export interface KindPauses {
  /** Paused again it keeps its time; what the note says replaces what was said. */
  pause(kind: string, note?: PauseNote): Promise<Pause>;
  /** False when it was not paused. */
  resume(kind: string): Promise<boolean>;
  /** Of the kinds that are paused. */
  pauses(): Promise<Map<string, Pause>>;
}

/** How often a process asks. A pause is to be obeyed within a second. */
const LOOK_MS = 500;

/**
 * Which queues and kinds are paused, as this process knows it.
 *
 * Authority: the store. It is asked twice a second, so that a pause is known everywhere after half a second and a statement. While the store does not
 * answer, what it said last holds; no job can be claimed then either. A process that starts knows before it takes its first job.
 */
export class Paused {
  private queues: ReadonlySet<string> = new Set();
  private kinds: ReadonlySet<string> = new Set();
  private readonly listeners: (() => void)[] = [];
  private readonly loop: PollingLoop;
  /** Looks that were begun, and which of them the names are of. */
  private looks = 0;
  private known = 0;

  constructor(
    private readonly reader: PauseReader,
    clock: Clock,
    logger: Logger,
  ) {
    this.loop = new PollingLoop({
      clock,
      look: async () => {
        await this.look();
        return LOOK_MS;
      },
      everyMs: LOOK_MS,
      failed: (error) => logger.debug({ err: error }, 'what is paused could not be read; what was paused before still is'),
    });
  }

  /** Resolves after the first answer of the store; rejects with what kept it from answering. */
  async start(): Promise<void> {
    await this.look();
    this.loop.start();
  }

  close(): Promise<void> {
    return this.loop.close();
  }

  /** After a change that this process has made: resolves when it knows of it. Never rejects; if the store does not answer, the next look brings it. */
  async changed(): Promise<void> {
    await this.look().catch(() => this.loop.nudge());
  }

  /** Whether anything is: most often nothing, and then no name needs to be looked up. */
  get any(): boolean {
    return this.queues.size + this.kinds.size > 0;
  }

  queue(name: string): boolean {
    return this.queues.has(name);
  }

  kind(name: string): boolean {
    return this.kinds.has(name);
  }

  /** Whether a job of this queue and kind must not be started now. */
  holds({ queue, kind }: { queue: string; kind: string }): boolean {
    return this.any && (this.queue(queue) || this.kind(kind));
  }

  /** Calls the listener after each change, when the new names hold already. */
  listen(changed: () => void): void {
    this.listeners.push(changed);
  }

  /** Asks once. Of two answers the one that was asked for later holds. */
  async look(): Promise<void> {
    const look = ++this.looks;
    const { queues, kinds } = await this.reader.paused();
    if (look < this.known) return;
    this.known = look;
    if (isSame(this.queues, queues) && isSame(this.kinds, kinds)) return;
    this.queues = new Set(queues);
    this.kinds = new Set(kinds);
    for (const listener of this.listeners) listener();
  }
}

function isSame(known: ReadonlySet<string>, names: string[]): boolean {
  return known.size === names.length && names.every((name) => known.has(name));
}
