import type { JobId, PublishId } from '../job/job.js';
import { RecordingLogger, turns } from '../testing/index.js';
import { HandedOn } from './handed-on.js';

/** A job that was handed on, with what became of its row and of its dead letter. */
function handedOn({ confirms = true } = {}) {
  const removed: string[] = [];
  const buried: unknown[] = [];
  const message = new HandedOn(
    { type: 'job', outboxId: 'row', jobIds: ['a' as JobId], kind: 'test.job', queue: 'default', priority: 4, traceparent: null },
    {
      done: (outboxId) => removed.push(outboxId),
      bury: async (letter) => {
        buried.push(letter);
        if (!confirms) throw new Error('no confirm');
      },
      logger: new RecordingLogger(),
    },
  );
  return { message, removed, buried };
}

describe('a job that was handed on', () => {
  test('is a copy under the id of its row in the outbox', () => {
    expect(handedOn().message).toMatchObject({ publishId: 'row' as PublishId, jobIds: ['a'], kind: 'test.job', queue: 'default', open: true });
  });

  test('has its row removed once, when the job is through with it', () => {
    const { message, removed } = handedOn();
    message.accept();
    message.accept();
    message.reject();
    expect([removed, message.open]).toEqual([['row'], false]);
  });

  test('keeps its row when it was not begun, for that brings it to somebody else', () => {
    const { message, removed } = handedOn();
    message.release();
    message.accept();
    expect([removed, message.open]).toEqual([[], false]);
  });

  test('goes to the dead letters when it has failed, and only then loses its row', async () => {
    const { message, removed, buried } = handedOn();
    message.reject();
    expect([removed, message.open]).toEqual([[], false]);
    await turns();
    expect([removed, buried]).toEqual([['row'], [{ jobId: 'a', publishId: 'row', kind: 'test.job', queue: 'default' }]]);
  });

  test('keeps its row when its dead letter was not confirmed: the copy that the row brings finds the job failed, and is rejected', async () => {
    const { message, removed } = handedOn({ confirms: false });
    message.reject();
    await turns();
    expect(removed).toEqual([]);
  });
});
