import { type Handles, type JobContext, JobHandler, type Progress, publicPath } from '@app/sdk';
import { IsIn } from 'class-validator';
import { ODD_NAMES, ODD_VALUES, type OddValue } from './odd-values.js';

const PLACES = ['result', 'step', 'log', 'progress', 'throw', 'reject later', 'link'] as const;

export class OddPayload {
  @IsIn(PLACES) place!: (typeof PLACES)[number];
  @IsIn(ODD_NAMES) value!: OddValue;
}

/** Hands an odd value over at the place that its payload names; registered with LONGHAUL_DEBUG_KINDS=1 only. */
@JobHandler({ kind: 'debug.odd', description: 'Hands over an odd value.', payload: OddPayload, maxAttempts: 1 })
export class DebugOdd implements Handles<OddPayload, unknown> {
  async run({ place, value: name }: OddPayload, job: JobContext): Promise<unknown> {
    const make = ODD_VALUES[name];
    switch (place) {
      case 'result':
        return make();
      case 'step':
        return { returned: await job.step('odd', async () => make() as never) };
      case 'log':
        job.log('as fields', make() as Record<string, unknown>);
        job.log('in a field', { value: make() });
        job.log(make() as string);
        return 'logged';
      case 'progress':
        job.progress({ done: 1, total: 2 });
        job.progress(make() as Progress);
        job.progress({ done: make(), total: make(), message: make() } as Progress);
        return 'told';
      case 'throw':
        throw make();
      case 'link':
        return { url: publicPath('/files/1/content') };
      case 'reject later':
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what is tried
        void Promise.reject(make());
        await new Promise((resolve) => setImmediate(resolve));
        return 'rejected';
    }
  }
}

@JobHandler({ kind: 'debug.odd-isolated', description: 'The same in a process of its own.', payload: OddPayload, maxAttempts: 1, isolated: true })
export class DebugOddIsolated extends DebugOdd {}
