// What this process has started and must stop, in reverse order: nothing else is ever stopped.

import { say } from './log.mjs';

export class Owned {
  /** @type {{ name: string, stop: () => Promise<void> | void, kill?: () => void }[]} */
  #things = [];
  #killAll = () => {
    for (const thing of this.#things) thing.kill?.();
  };

  constructor() {
    // The last resort, when something calls process.exit: `exit` handlers can only act at once.
    process.on('exit', this.#killAll);
  }

  /** @param {string} name @param {{ stop: () => Promise<void> | void, kill?: () => void }} how */
  add(name, how) {
    this.#things.push({ name, ...how });
  }

  /** Stops everything; one that fails is told of and does not keep the rest from being stopped. */
  async stop() {
    for (let thing = this.#things.at(-1); thing; thing = this.#things.at(-1)) {
      try {
        await thing.stop();
      } catch (error) {
        say(`stopping ${thing.name} failed: ${error instanceof Error ? error.message : error}`);
        thing.kill?.();
      }
      this.#things.pop();
    }
    process.off('exit', this.#killAll);
  }
}
