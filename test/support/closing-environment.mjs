// The Jest environment of all tests: a file that leaves something open fails, for that would keep a process from ending: a socket, a server, a
// timer, a child process.

import { TestEnvironment } from 'jest-environment-node';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** What is closed needs some turns of the event loop to be gone: sockets wait for the other end. */
const PATIENCE_MS = 5_000;

// Emitted when nothing is open any more. By itself Node would then free all that hundreds of files have loaded, for longer than the half second after
// which Jest says that a worker "has failed to exit gracefully".
process.once('beforeExit', () => process.exit());

// Node opens these when they are first written to, and never closes them. Opened here, they do not count as left open by the file whose warning (or, where
// CI=true, whose report) happens to be the first.
void process.stdout;
void process.stderr;

/**
 * The storages that the file has used. Node 20 visits each storage ever used in the process at every promise, and with those of a hundred files before
 * it a file took twenty times as long.
 * @type {Set<AsyncLocalStorage<unknown>>}
 */
const usedStorages = new Set();
for (const method of /** @type {const} */ (['run', 'enterWith'])) {
  const original = AsyncLocalStorage.prototype[method];
  AsyncLocalStorage.prototype[method] = /** @this {AsyncLocalStorage<unknown>} @param {unknown[]} args */ function (...args) {
    usedStorages.add(this);
    return Reflect.apply(original, this, args);
  };
}

export default class ClosingEnvironment extends TestEnvironment {
  #before = openResources();
  /** @type {number} */
  #testTimeout;

  /** @param {import('@jest/environment').JestEnvironmentConfig} config @param {import('@jest/environment').EnvironmentContext} context */
  constructor(config, context) {
    super(config, context);
    this.#testTimeout = config.projectConfig.testEnvironmentOptions.testTimeout;
  }

  /**
   * @param {import('jest-circus').Circus.AsyncEvent | import('jest-circus').Circus.SyncEvent} event
   * @param {import('jest-circus').Circus.State} state
   */
  async handleTestEvent(event, state) {
    // First of all events, so jest.setTimeout in a file and --testTimeout still win.
    if (event.name === 'setup') state.testTimeout = this.#testTimeout;
    // After the last afterAll.
    if (event.name === 'run_finish') await this.#failOnOpen(state);
  }

  async teardown() {
    for (const storage of usedStorages) storage.disable();
    usedStorages.clear();
    await super.teardown();
  }

  async #failOnOpen(state) {
    const end = performance.now() + PATIENCE_MS;
    let left = this.#openedSince();
    while (left.length > 0 && performance.now() < end) {
      await delay(10);
      left = this.#openedSince();
    }
    if (left.length === 0) return;
    state.unhandledErrors.push(
      new Error(`expected everything to be closed at the end of the file, got what would keep this process alive: ${left.join(', ')}. Close it in afterAll.`),
    );
  }

  #openedSince() {
    const before = [...this.#before];
    return openResources().filter((name) => {
      const at = before.indexOf(name);
      if (at >= 0) before.splice(at, 1);
      return at < 0;
    });
  }
}

/** Kinds of what keeps this process from ending by itself, e.g. `TCPSocketWrap`, `Timeout`. */
function openResources() {
  return process.getActiveResourcesInfo();
}
