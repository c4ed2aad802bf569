type Describe = (name: string, tests: () => void) => void;
type Test = (name: string, run: jest.ProvidesCallback, timeoutMs?: number) => void;

/** `describe` where its tests can run; elsewhere they are skipped, and `npm test` names them at its end with the reason. */
export function describeIf(canRun: boolean, reason: string): Describe {
  return canRun ? describe : (name, tests) => describe.skip(withReason(name, reason), tests);
}

/** `test` where it can run; elsewhere it is skipped, and `npm test` names it at its end with the reason. */
export function testIf(canRun: boolean, reason: string): Test {
  return canRun ? test : (name, run, timeoutMs) => test.skip(withReason(name, reason), run, timeoutMs);
}

/** `.ci/run` sets it to `all`, `npm run proofs` to `proofs`. */
const more = process.env['LONGHAUL_TESTS'];

/** Tests that take minutes and prove nothing about the protocol run too. */
export const inCi = more === 'all' || more === 'proofs';

/** Whatever can be tried runs: minutes of computing that would find nothing new from one commit to the next. */
export const inProofs = more === 'proofs';

/** `describe` for tests of `inCi`. */
export const describeInCi = describeIf(inCi, '.ci/run runs it');

/** tools/lib/test-summary.mjs reads the reason from the name. */
function withReason(name: string, reason: string): string {
  return `${name} (skipped: ${reason})`;
}
