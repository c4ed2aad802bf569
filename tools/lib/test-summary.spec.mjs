import { join } from 'node:path';
import { root } from './paths.mjs';
import { counts, failures, skippedTests, slowestFiles } from './test-summary.mjs';

/** @param {string} name @param {number} seconds @param {string[][]} tests  each a status and a name */
const file = (name, seconds, ...tests) => ({
  name: join(root, name),
  startTime: 0,
  endTime: seconds * 1_000,
  assertionResults: tests.map(([status = '', fullName = '']) => ({ status, fullName })),
});
/** @param {import('./test-summary.mjs').FileResult[]} testResults */
const run = (...testResults) => ({ numPassedTests: 7, numFailedTests: 1, numRuntimeErrorTestSuites: 2, numPendingTests: 3, numTodoTests: 1, testResults });

describe('the end of a test run', () => {
  test('names each skipped test with its file, by the reason for skipping it', () => {
    const browser = '(skipped: Chromium is not installed)';
    const result = run(
      file('a.e2e.ts', 1, ['pending', `in a browser ${browser} follows a job`], ['passed', 'in Node follows a job'], ['pending', 'something else']),
      file('b.e2e.ts', 1, ['pending', `a page ${browser} may not submit`]),
    );
    expect(skippedTests(result)).toEqual([
      'skipped, Chromium is not installed:',
      '  a.e2e.ts: in a browser follows a job',
      '  b.e2e.ts: a page may not submit',
      'skipped, without a reason:',
      '  a.e2e.ts: something else',
    ]);
  });

  test('names twelve skipped tests of a file and counts the others', () => {
    const tests = Array.from({ length: 40 }, (_, index) => ['pending', `queues (skipped: no RabbitMQ) do thing ${index}`]);
    const lines = skippedTests(run(file('a.e2e.ts', 1, ...tests)));
    expect(lines).toHaveLength(1 + 12 + 1);
    expect(lines.at(-1)).toBe('  a.e2e.ts: and 28 more');
  });

  test('lists the ten slowest files of a run of more than ten', () => {
    const files = Array.from({ length: 12 }, (_, index) => file(`${index}.spec.ts`, index));
    expect(slowestFiles(run(...files)).slice(0, 3)).toEqual(['the slowest files, in seconds:', '  11.0 11.spec.ts', '  10.0 10.spec.ts']);
    expect(slowestFiles(run(...files))).toHaveLength(11);
    expect(slowestFiles(run(...files.slice(0, 10)))).toEqual([]);
  });

  test('names each failed test, and what went wrong outside of any, with the first line of the failure', () => {
    const failed = file('a.e2e.ts', 1, ['passed', 'fine'], ['failed', 'a job ends']);
    Object.assign(failed.assertionResults[1] ?? {}, { failureMessages: ['Error: \u001b[2mexpect(\u001b[22mreceived)\n\n  got: 3\n    at a.ts:3:1'] });
    const unloaded = { ...file('b.e2e.ts', 1), message: "  ● Test suite failed to run\n\n    Cannot find module 'x'\n      at b.ts:1:1" };
    expect(failures(run(failed, unloaded))).toEqual([
      'failed:',
      '  a.e2e.ts: a job ends: Error: expect(received) got: 3',
      "  b.e2e.ts: outside of its tests: Cannot find module 'x'",
    ]);
    expect(failures(run(file('a.e2e.ts', 1, ['passed', 'fine'])))).toEqual([]);
  });

  test('counts a file that did not load as a failure, and a test to be written as skipped', () => {
    expect(counts(run())).toBe('7 passed, 3 failed, 4 skipped');
  });
});
