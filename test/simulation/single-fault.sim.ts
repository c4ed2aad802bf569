import { SCRIPTS, SINGLE_FAULTS, type SingleFault, sweepSteps } from './single-fault.js';

describe('one fault at any step costs no promise, and little time', () => {
  for (const [what, script] of Object.entries(SCRIPTS)) {
    test.each(Object.keys(SINGLE_FAULTS) as SingleFault[])(
      `${what}: %s, at every step`,
      async (fault) => {
        const harm = await sweepSteps(script, fault);
        if (harm !== undefined) throw new Error(harm);
      },
      120_000,
    );
  }
});
