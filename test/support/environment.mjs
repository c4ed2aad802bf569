// The Jest environment of tests that start processes. It lives outside the tests' sandbox, so it still acts when
// a test file throws: it prints the processes' logs on a failure, ends what was left running, and fails that file.

import ClosingEnvironment from './closing-environment.mjs';

export default class LonghaulEnvironment extends ClosingEnvironment {
  /** @type {Set<import('./processes.js').Registered>} */
  #processes = new Set();
  #killAll = () => {
    for (const process of this.#processes) if (process.isRunning()) process.kill('SIGKILL');
  };

  async setup() {
    await super.setup();
    this.global.__longhaulProcesses = this.#processes;
    // For a Jest worker that is ended half-way; `exit` handlers set inside the sandbox never run.
    process.on('exit', this.#killAll);
  }

  async teardown() {
    this.#killAll();
    process.off('exit', this.#killAll);
    await super.teardown();
  }

  /**
   * @param {import('jest-circus').Circus.AsyncEvent | import('jest-circus').Circus.SyncEvent} event
   * @param {import('jest-circus').Circus.State} state
   */
  async handleTestEvent(event, state) {
    if (event.name === 'test_done' && event.test.errors.length > 0) this.#printLogs(`"${event.test.name}" failed`);
    if (event.name === 'hook_failure') this.#printLogs(`a ${event.hook.type} hook failed`);
    if (event.name === 'run_finish') {
      this.#failOnLeaks(state);
      this.#failOnOrphans(state);
    }
    await super.handleTestEvent(event, state);
  }

  #printLogs(reason) {
    // With LONGHAUL_TEST_LOGS=1 the lines have been printed as they came.
    if (process.env.LONGHAUL_TEST_LOGS === '1') return;
    for (const app of this.#processes) {
      const lines = app.logs().slice(-200);
      process.stderr.write(`\n--- ${reason}; last ${lines.length} log lines of ${app.name}:\n${lines.join('\n')}\n`);
    }
  }

  /** A test makes canaries of what no log may show. */
  #failOnLeaks(state) {
    for (const app of this.#processes) {
      const leaks = app.leaks();
      if (leaks.length > 0) state.unhandledErrors.push(new Error(`expected no canary in the log of ${app.name}, got:\n${leaks.slice(0, 5).join('\n')}`));
    }
  }

  #failOnOrphans(state) {
    const left = [...this.#processes].filter((app) => app.isRunning() && !app.mayBeLeftRunning);
    this.#killAll();
    if (left.length === 0) return;
    const names = left.map((app) => app.name).join(', ');
    state.unhandledErrors.push(
      new Error(
        `expected every process to be stopped at the end of the file, got: ${names} still running. ` +
          'Stop it in afterAll, or say leaveRunning: true when it is started.',
      ),
    );
  }
}
