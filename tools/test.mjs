// `npm test`: installs and builds what is missing, finds or brings up PostgreSQL and RabbitMQ, runs Jest, and stops
// what it started. `npm test -- --only=unit|simulation|integration|e2e|browser|chaos`; all other arguments go to Jest.

import './lib/node-version.mjs';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild } from './lib/build.mjs';
import { ended } from './lib/commands.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { PlainError, reportAndFail, say } from './lib/log.mjs';
import { Owned } from './lib/owned.mjs';
import { root, stateDir } from './lib/paths.mjs';
import { laterFiles, ringOf } from './lib/rings.mjs';
import { onStopSignal } from './lib/signals.mjs';
import { endTree, newRunId, removeTraces } from './lib/test-run.mjs';
import { counts, failures, leftOut, skippedTests, slowestFiles } from './lib/test-summary.mjs';

const SUITES = ['unit', 'simulation', 'integration', 'e2e', 'browser', 'chaos']; // Projects of jest.config.mjs.
/** In the names of all that this run makes. */
const RUN = newRunId();
/** Of this run: two may go on beside each other. */
const RESULTS = join(stateDir, `test-results-${process.pid}.json`);

const owned = new Owned();
const { signal, second } = onStopSignal();
try {
  process.exitCode = await test(process.argv.slice(2));
} catch (error) {
  reportAndFail(error, signal);
} finally {
  await owned.stop();
}

/** @param {string[]} args */
async function test(args) {
  const only = args.find((arg) => arg.startsWith('--only='))?.slice('--only='.length);
  const rest = args.filter((arg) => !arg.startsWith('--only='));
  if (only !== undefined && !SUITES.includes(only)) {
    throw new PlainError(`expected --only= one of ${SUITES.join(', ')}, got: ${only}`);
  }
  // Last: it takes every plain word that follows for one more project.
  const jestArgs = only === undefined ? rest : [...rest, '--passWithNoTests', '--selectProjects', only];
  // Files that are asked for run.
  const ring = args.length > 0 ? undefined : ringOf(process.env.LONGHAUL_TESTS);
  await ensureDependencies(signal);
  if (only === 'unit' || only === 'simulation') return runJest(jestArgs, {});

  await ensureBuild(signal);
  const skipBroker = process.env.LONGHAUL_SKIP_BROKER_TESTS === '1';
  const { findServices } = await import('./lib/services.mjs');
  const { postgres, rabbitMq } = await findServices('test', owned, { signal, withBroker: !skipBroker });
  if (!rabbitMq) say(`no RabbitMQ: the tests that need one are skipped${skipBroker ? ' (LONGHAUL_SKIP_BROKER_TESTS=1)' : ''}`);
  const services = {
    TEST_DATABASE_URL: postgres.url,
    TEST_AMQP_URL: rabbitMq?.url ?? 'none',
    RABBITMQCTL: rabbitMq?.control?.rabbitmqctl,
    RABBITMQ_MANAGEMENT_URL: rabbitMq?.control?.managementUrl,
    ...(only === 'chaos' ? { LONGHAUL_TESTS: 'all' } : {}),
    LONGHAUL_RING: ring,
  };
  const code = await runJest(jestArgs, services);
  if (rabbitMq || skipBroker) return code;
  const { howToGetRabbitMq } = await import('./lib/rabbitmq-service.mjs');
  say(
    `this run counts as failed: the guarantees are proved on RabbitMQ, and there was none. To have one: ` +
      `${howToGetRabbitMq()}. LONGHAUL_SKIP_BROKER_TESTS=1 accepts a run without.`,
  );
  return code || 1;
}

/** @param {string[]} args @param {NodeJS.ProcessEnv} env */
async function runJest(args, env) {
  signal.throwIfAborted();
  mkdirSync(stateDir, { recursive: true });
  rmSync(RESULTS, { force: true });
  // Jest runs ES modules only with this flag, and Node then warns once per worker.
  const flags = `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`;
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/jest/bin/jest.js'), '--json', `--outputFile=${RESULTS}`, ...args],
    // --json would print the report on stdout as well were there no outputFile; Jest's own summary goes to stderr.
    { cwd: root, env: { ...process.env, ...env, LONGHAUL_TEST_RUN: RUN, NODE_OPTIONS: flags.trim() }, stdio: ['inherit', 'inherit', 'inherit'] },
  );
  /** @type {Promise<void> | undefined} */
  let ending;
  // Jest itself would end without its clean-up, and leave the processes that its tests have started.
  signal.addEventListener('abort', () => (ending = endTree(child.pid ?? -1, RUN)));
  const { code } = await ended(child);
  await ending;
  if (ending && env.TEST_DATABASE_URL && !second.aborted) await removeTraces(RUN, env);
  // With -t, what is skipped is what was not asked for.
  const succeeded = printSummary(!args.some((arg) => /^(-t|--testNamePattern)\b/.test(arg)), laterFiles(env.LONGHAUL_RING));
  rmSync(RESULTS, { force: true });
  signal.throwIfAborted();
  return code ?? (succeeded ? 0 : 1);
}

/**
 * The last lines of a log: the skipped tests, the files left out, the slowest files, what failed, the counts. Returns whether all passed.
 * @param {boolean} withSkipped @param {string[]} later
 */
function printSummary(withSkipped, later) {
  try {
    const result = JSON.parse(readFileSync(RESULTS, 'utf8'));
    const lines = [...(withSkipped ? skippedTests(result) : []), ...leftOut(later), ...slowestFiles(result), ...failures(result), counts(result)];
    process.stdout.write(`${lines.join('\n')}\n`);
    return result.success === true;
  } catch {
    process.stdout.write('0 passed, 1 failed, 0 skipped\n');
    return false;
  }
}
