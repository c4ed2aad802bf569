// How far a test run is, twice a minute, for logs: on a terminal Jest shows it by itself.

const EVERY_MS = 30_000;

/** A Jest reporter: jest.config.mjs names it. */
export default class ProgressReporter {
  #began = performance.now();
  #shownAt = performance.now();

  /** @param {unknown} _test @param {unknown} _result @param {import('@jest/reporters').AggregatedResult} run */
  onTestResult(_test, _result, { numTotalTestSuites, numPassedTestSuites, numFailedTestSuites, numPendingTestSuites, numPassedTests, numFailedTests }) {
    const now = performance.now();
    if (process.stderr.isTTY || now - this.#shownAt < EVERY_MS) return;
    this.#shownAt = now;
    const files = numPassedTestSuites + numFailedTestSuites + numPendingTestSuites;
    const minutes = ((now - this.#began) / 60_000).toFixed(1);
    process.stderr.write(`after ${minutes} min: ${files} of ${numTotalTestSuites} files, ${numPassedTests} tests passed, ${numFailedTests} failed\n`);
  }
}
