import { type Clock, type Logger, systemClock, writeJson } from '@app/core';
import { LOGGER } from '@app/host';
import { Inject, Injectable, Optional } from '@nestjs/common';
import type { SentEvent } from './sse-stream.js';

const EVERY_MS = 2_000;
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
}

/** A reader of a look. One that is not ready is told the newest when it is. */
export interface LookReader {
  readonly ready: boolean;
  send(events: SentEvent[]): void;
}

interface Running {
  /** Each reader with what it was told last. */
  readers: Map<LookReader, SentEvent | undefined>;
  known: SentEvent | undefined;
  text: string;
  pause: AbortController;
}

/**
 * What several readers want to see, looked at once for all of them each two seconds, and not at all while nobody reads. A reader is told when it
 * has changed. Nothing here changes anything.
 */
@Injectable()
export class SharedLooks {
  private readonly running = new Map<string, Running>();
  private told = 0;
  private readonly clock: Clock;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Optional() clock?: Clock,
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
      one.pause.abort();
    };
  }

  private start(look: Look): Running {
    const one: Running = { readers: new Map(), known: undefined, text: '', pause: new AbortController() };
    this.running.set(look.key, one);
    void this.loop(look, one);
    return one;
  }

  private async loop({ name, look, away }: Look, one: Running): Promise<void> {
    do {
      const began = this.clock.now();
      try {
        this.found(one, name, writeJson(await look()));
      } catch (error) {
        this.logger.debug({ err: error, name }, 'what readers of a stream want to see could not be read');
        this.found(one, 'unavailable', writeJson(away()));
      }
      tell(one);
      const took = this.clock.now() - began;
      const pause = Math.max(EVERY_MS - took, Math.min(took / SHARE_OF_TIME, LONGEST_PAUSE_MS));
      if (one.readers.size > 0) await this.clock.sleep(pause, one.pause.signal);
    } while (one.readers.size > 0);
  }

  private found(one: Running, name: string, text: string): void {
    if (one.known?.name === name && one.text === text) return;
    one.text = text;
    one.known = { seq: ++this.told, name, json: () => text };
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
