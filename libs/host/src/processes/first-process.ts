import cluster, { type Worker } from 'node:cluster';
import { type Logger, Pauses, systemClock } from '@app/core';
import type { Texts, ToFirst, ToWorking } from './messages.js';
import { ScrapeOfAll } from './scrape-of-all.js';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** After a process has lived this long, the pause before its restart is short again. */
const STEADY_AFTER_MS = 30_000;

interface Place {
  /** The number of the process, from 1 on. Its metrics have it as label. */
  readonly number: number;
  worker: Worker;
  startedAt: number;
  /** Whether the current process takes work and listens to the first one. */
  up: boolean;
  hasEverBeenUp: boolean;
  pauses: Pauses;
}

/**
 * The first of several processes of one app. It listens, distributes the connections in turn (https://nodejs.org/api/cluster.html), keeps
 * the others running, and does nothing else.
 *
 * The others share only the port: each has its own connections, slots, lease and limits, so they behave like several gateways or
 * workers.
 * - One that dies is started again after a pause that doubles up to 10 s. If one ends before it was ever up, as with a
 *   configuration that is wrong, all drain and this process exits with 1.
 * - SIGTERM or SIGINT: all drain; then the exit code is 0, or 1 if one of them failed. A second signal kills them. They ignore
 *   signals themselves, because Ctrl-C in a terminal reaches all its processes.
 * - SIGHUP is passed on where they have a certificate, which each of them reads anew then.
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
    private readonly hasCertificate: boolean,
  ) {}

  start(): void {
    this.places = Array.from({ length: this.count }, (_, index) => {
      const place = {
        number: index + 1,
        worker: cluster.fork(),
        startedAt: performance.now(),
        up: false,
        hasEverBeenUp: false,
        pauses: new Pauses(FIRST_PAUSE_MS, LONGEST_PAUSE_MS),
      };
      this.watch(place);
      return place;
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.onSignal(signal));
    // One that does not listen yet would end by it, and reads the files that are there.
    if (this.hasCertificate) process.on('SIGHUP', () => this.places.forEach(({ up, worker }) => up && worker.process.kill('SIGHUP')));
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
        // It was starting when the others were asked to drain, and has survived the signal.
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
      // The signal ended a process that was not up yet. That is no failure.
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
    if (performance.now() - place.startedAt > STEADY_AFTER_MS) place.pauses.reset();
    const pauseMs = place.pauses.next();
    this.logger.warn({ process: number, exit: how, pauseMs }, 'a process ended and is started again');
    setTimeout(() => this.startAgain(place), pauseMs);
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
  // The exit event handles a process that has ended.
  if (worker.isConnected()) worker.send(message, () => undefined);
}
