import { ManualClock, RecordingLogger, turns } from '../testing/index.js';
import { PruneFinished } from './prune-finished.js';

function pruning(answers: (boolean | Error)[]) {
  const clock = new ManualClock();
  const calls: number[] = [];
  const pruner = new PruneFinished({
    store: {
      prune: async () => {
        calls.push(clock.now());
        const answer = answers.shift() ?? false;
        if (answer instanceof Error) throw answer;
        return { removed: 0, more: answer };
      },
    },
    clock,
    logger: new RecordingLogger(),
    limits: { succeededSeconds: 60, failedSeconds: null, letterSeconds: null, statsSeconds: null },
    config: { everyMs: 30_000, restMs: 100, batch: 1_000 },
  });
  return { clock, calls, pruner };
}

test('what is past its time is removed batch after batch, then looked for now and again', async () => {
  const { clock, calls, pruner } = pruning([true, true, false]);
  const begin = clock.now();
  pruner.start();
  await turns();
  for (const ms of [100, 100, 30_000]) await clock.advance(ms);
  expect(calls.map((at) => at - begin)).toEqual([0, 100, 200, 30_200]);
  const closing = pruner.close();
  await clock.advance(0);
  await closing;
});

test('a database that does not answer is tried again', async () => {
  const { clock, calls, pruner } = pruning([new Error('away')]);
  pruner.start();
  await turns();
  await clock.advance(30_000);
  expect(calls).toHaveLength(2);
  const closing = pruner.close();
  await clock.advance(0);
  await closing;
});

test('a nudge is followed by a look at once', async () => {
  const { clock, calls, pruner } = pruning([]);
  pruner.start();
  await turns();
  pruner.nudge();
  await turns();
  expect(calls).toHaveLength(2);
  const closing = pruner.close();
  await clock.advance(0);
  await closing;
});
