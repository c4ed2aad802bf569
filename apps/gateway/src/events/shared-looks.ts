import { type Clock, HintedPause, type JobId, type Logger, systemClock, writeJson } from '@app/core';
import { LOGGER } from '@app/host';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { withoutPayloads } from '../rights/hidden.js';
import type { SentEvent } from './sse-stream.js';

const EVERY_MS = 2_000;
/** However often something changes. */
const SOONEST_MS = 200;
/** So much of the time may be spent on looking: where a look takes long, it is made more rarely. */
const SHARE_OF_TIME = 0.1;
const LONGEST_PAUSE_MS = 10_000;

/** What is looked at. Two that have the same `key` see the same. */
export interface Look {
  key: string;
  /** The name of the event that tells it. */
  name: string;
  look: () => Promise<object>;
  /** Told in its place while the store does not answer, as an event `unavailable`. */
  away: () => object;
  /** Whether it shows what jobs change that begin, end or wait, and not only what people and schedules do and what fails. */
  ofJobs?: boolean;
}

/** A reader of a look. One that is not ready is told the newest when it is. */
export interface LookReader {
  readonly ready: boolean;
  send(events: SentEvent[]): void;
}

interface Running {
  ofJobs: boolean;
  /** Each reader with what it was told last. */
  readers: Map<LookReader, SentEvent | undefined>;
  known: SentEvent | undefined;
  text: string;
  /** Rung when something has changed, and stopped when nobody reads any more. */
  pause: HintedPause;
}

/**
 * What several readers want to see, looked at once for all of them, and not at all while nobody reads. A reader is told when it has changed. Nothing
 * here changes anything.
 *
 * Hints make it fast: this gateway hears of changes anyway, and looks at once when one may concern a look. They are many where many jobs run, so a look
 * rests for 200 ms, and for nine times as long as it took, longer where there are many. Each two seconds it looks without a hint, for those that are lost,
 * and for what nobody tells, such as a lease that was renewed.
 */
@Injectable()
export class SharedLooks {
  private readonly running = new Map<string, Running>();
  private told = 0;
  private readonly clock: Clock;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Optional() clock?: Clock,
    /** How long it waits for a hint. */
    @Optional() private readonly everyMs = EVERY_MS,
  ) {
    this.clock = clock ?? systemClock;
  }

  /** How many different looks are made. */
  get size(): number {
    return this.running.size;
  }

  /** Returns what ends it. */
  read(look: Look, reader: LookReader): () => void {
    const one = this.running.get(look.key) ?? this.start(look);
    one.readers.set(reader, undefined);
    tell(one);
    return () => {
      one.readers.delete(reader);
      if (one.readers.size > 0) return;
      // Whoever comes now begins anew: this one has come to its end, though it may still look.
      if (this.running.get(look.key) === one) this.running.delete(look.key);
      one.pause.stop();
    };
  }

  /** These jobs have changed; none of them: something else has, or nobody knows what. A hint: without one a change is seen a little later. */
  wake(jobIds: readonly JobId[]): void {
    for (const { ofJobs, pause } of this.running.values()) if (ofJobs || jobIds.length === 0) pause.ring();
  }

  private start(look: Look): Running {
    const one: Running = { ofJobs: look.ofJobs ?? false, readers: new Map(), known: undefined, text: '', pause: new HintedPause(this.clock) };
    this.running.set(look.key, one);
    void this.loop(look, one);
    return one;
  }

  private async loop({ name, look, away }: Look, one: Running): Promise<void> {
    do {
      one.pause.set();
      const began = this.clock.now();
      try {
        this.found(one, name, writeJson(await look()));
      } catch (error) {
        this.logger.debug({ err: error, name }, 'what readers of a stream want to see could not be read');
        this.found(one, 'unavailable', writeJson(away()));
      }
      tell(one);
      const took = this.clock.now() - began;
      const rest = this.restAfter(took);
      await one.pause.sleep(rest, this.everyMs - took - rest, () => one.readers.size > 0);
    } while (one.readers.size > 0);
  }

  /** For so long a hint does not wake it: all looks together take a tenth of the time, or as much as they would without hints. */
  private restAfter(took: number): number {
    const alone = Math.min(took / SHARE_OF_TIME - took, LONGEST_PAUSE_MS);
    return Math.max(SOONEST_MS, alone, Math.min(alone * this.running.size, this.everyMs - took));
  }

  private found(one: Running, name: string, text: string): void {
    if (one.known?.name === name && one.text === text) return;
    one.text = text;
    // Worked out once for all readers who may not see payloads, and not at all without one.
    let hidden: string | undefined;
    one.known = { seq: ++this.told, name, json: (hides) => (hides ? (hidden ??= withoutPayloads(text)) : text) };
  }
}

function tell({ readers, known }: Running): void {
  if (!known) return;
  for (const [reader, last] of readers) {
    if (last === known || !reader.ready) continue;
    reader.send([known]);
    readers.set(reader, known);
  }
}
