import { type Mode, MODES } from './modes.js';
import { describeIf, inProofs } from './only-if.js';
import { addVhost, namePrefix, removeVhosts, testServices, urlOfVhost } from './services.mjs';

export interface FreshVhost {
  /** AMQP URL with the vhost in it: what a process takes as AMQP_URL. */
  readonly url: string;
  readonly name: string;
  /** Closes every connection to it and removes it with its queues. Safe to call twice. */
  drop(): Promise<void>;
}

let made = 0;

/** A vhost of this test file's own on the run's broker. About half a second: make one per file, not per test. */
export async function freshVhost(): Promise<FreshVhost> {
  const { amqpUrl } = testServices();
  if (amqpUrl === null) throw new Error('expected a broker, got none in this run: use describeWithBroker');
  const name = `${namePrefix()}${process.pid.toString(36)}_${(made++).toString(36)}_${Date.now().toString(36)}`;
  await addVhost(name);
  return { url: urlOfVhost(name), name, drop: () => removeVhosts([name]) };
}

/** False only when `npm test` found no broker, or was told to do without. */
export const hasBroker = testServices().amqpUrl !== null;

/** `describe` for tests that need RabbitMQ. */
export const describeWithBroker = describeIf(hasBroker, 'no RabbitMQ');

/** The same tests in both modes; `%s` in the name is the mode. */
export function describeEachMode(name: string, tests: (mode: Mode) => void): void {
  inModes(name, tests, describe);
}

/** The same, of what does not depend on the mode by itself: `.ci/run` has the distributed mode alone, for each file takes minutes in both. */
export function describeEachModeInProofs(name: string, tests: (mode: Mode) => void): void {
  inModes(name, tests, describeIf(inProofs || !hasBroker, 'npm run proofs runs it'));
}

function inModes(name: string, tests: (mode: Mode) => void, describeSingle: typeof describeWithBroker): void {
  for (const mode of MODES) {
    const describeMode = mode === 'distributed' ? describeWithBroker : describeSingle;
    describeMode(name.replace('%s', mode), () => {
      tests(mode);
    });
  }
}
