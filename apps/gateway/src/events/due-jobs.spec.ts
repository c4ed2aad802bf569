import type { JobId } from '@app/core';
import { RecordingLogger } from '@app/core/testing';
import { DueJobs, JOBS_OF_A_READ } from './due-jobs.js';

describe('jobs whose events are to be read', () => {
  test('are read a few at a time, each once, and after a failure the rest again (E10)', async () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `job ${index}` as JobId);
    const read: JobId[] = [];
    let most = 0;
    let failures = 1;
    let done: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (done = resolve));
    const due = new DueJobs(
      1,
      async (some) => {
        most = Math.max(most, some.length);
        if (read.length >= 500 && failures-- > 0) throw new Error('away');
        read.push(...some);
        if (read.length === ids.length) done();
      },
      new RecordingLogger(),
    );
    due.add(ids);
    await all;
    due.close();
    expect(most).toBe(JOBS_OF_A_READ);
    expect([...read].sort()).toEqual([...ids].sort());
  });
});
