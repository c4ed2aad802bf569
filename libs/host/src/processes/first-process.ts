import cluster, { type Worker } from 'node:cluster';
import { type Logger, systemClock } from '@app/core';
import type { Texts, ToFirst, ToWorking } from './messages.js';
import { ScrapeOfAll } from './scrape-of-all.js';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** After so long a life the next pause is the first again. */
const STEADY_AFTER_MS = 30_000;

interface Place {
  /** From 1 on: the label of its metrics. */
  readonly number: number;
  worker: Worker;
  startedAt: number;
  /** The process that is there now takes work, and listens to us. */
  up: boolean;
  hasEverBeenUp: boolean;
  pauseMs: number;
}

/**
 * Several processes of one app. This one listens and hands connections on in turn (https://nodejs.org/api/cluster.html), keeps the
 * others running, and does nothing else.
 *
 * They share nothing but the port: each has its own connections, slots, lease and limits, so what holds for several gateways or
 * workers holds for them.
 * - One that dies is started again after a pause that doubles up to 10 s. If one ends before it was ever up, as with a
 *   configuration that is wrong, all drain and this process exits with 1.
 * - SIGTERM or SIGINT: all drain; then the exit code is 0, or 1 if one of them failed. A second signal kills them. They do not
 *   listen to signals themselves, for a Ctrl-C reaches all of a terminal's processes.
 * - When this process dies the others end at once, as if they were killed: Node's cluster does so when their channel breaks.
 */
export class FirstProcess {
  private places: Place[] = [];
  private readonly scrapes = new ScrapeOfAll(systemClock);
  private stopping = false;
  private failed = false;

  constructor(
    private readonly count: number,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.places = Array.from({ length: this.count }, (_, index) => {
      const place = { number: index + 1, worker: cluster.fork(), startedAt: performance.now(), up: false, hasEverBeenUp: false, pauseMs: FIRST_PAUSE_MS };
      this.watch(place);
      return place;
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.onSignal(signal));
  }

  private watch(place: Place): void {
    const { worker } = place;
    worker.on('message', (message: ToFirst) => this.hear(place, worker, message));
    worker.on('exit', (code: number, signal: string | null) => this.ended(place, signal ?? code));
  }

  private hear(place: Place, worker: Worker, message: ToFirst): void {
    switch (message.type) {
      case 'up':
        place.up = true;
        place.hasEverBeenUp = true;
        // It was starting when the others were told, and has survived the signal.
        if (this.stopping) tell(worker, { type: 'drain' });
        return;
      case 'drain':
        if (!this.stopping) this.drain();
        return;
      case 'scrape': {
        const asked = this.places.filter(({ up }) => up);
        const answer = (texts: Texts) => tell(worker, { type: 'scraped', id: message.id, texts });
        const id = this.scrapes.begin(
          asked.map(({ number }) => number),
          answer,
        );
        for (const one of asked) tell(one.worker, { type: 'scrape', id });
        return;
      }
      case 'scraped':
        this.scrapes.hear(message.id, place.number, message.text);
    }
  }

  private onSignal(signal: string): void {
    if (this.stopping) {
      for (const { worker } of this.places) worker.process.kill('SIGKILL');
      process.exit(1);
    }
    this.logger.info({ signal, processes: this.count }, 'draining all processes');
    this.drain();
  }

  private drain(): void {
    this.stopping = true;
    for (const { up, worker } of this.places) {
      if (up) tell(worker, { type: 'drain' });
      else worker.process.kill('SIGTERM');
    }
    this.exitWhenAllHaveEnded();
  }

  private ended(place: Place, how: string | number): void {
    const { up, number } = place;
    place.up = false;
    this.scrapes.lose(number);
    if (this.stopping) {
      // One that was not up was ended by the signal.
      this.failed ||= up && how !== 0;
      this.exitWhenAllHaveEnded();
      return;
    }
    if (!place.hasEverBeenUp) {
      this.logger.error({ process: number, exit: how }, 'a process could not start: all end');
      this.failed = true;
      this.drain();
      return;
    }
    if (performance.now() - place.startedAt > STEADY_AFTER_MS) place.pauseMs = FIRST_PAUSE_MS;
    this.logger.warn({ process: number, exit: how, pauseMs: place.pauseMs }, 'a process ended and is started again');
    setTimeout(() => this.startAgain(place), place.pauseMs);
    place.pauseMs = Math.min(place.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  private startAgain(place: Place): void {
    if (this.stopping) return;
    place.worker = cluster.fork();
    place.startedAt = performance.now();
    this.watch(place);
  }

  private exitWhenAllHaveEnded(): void {
    if (this.places.every(({ worker }) => worker.isDead())) process.exit(this.failed ? 1 : 0);
  }
}

function tell(worker: Worker, message: ToWorking): void {
  // Its end is seen elsewhere.
  if (worker.isConnected()) worker.send(message, () => undefined);
}
