import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { FramesInTurn } from './frames-in-turn.js';

/** A socket that says what is done to it, and a handler that ends when the test says so. */
function socket(perSecond: number) {
  const done: string[] = [];
  const ends: (() => void)[] = [];
  let most = 0;
  const emitter = Object.assign(new EventEmitter(), {
    close: (code: number) => void done.push(`close ${code}`),
    terminate: () => undefined,
    pause: () => void done.push('pause'),
    resume: () => void done.push('resume'),
  });
  new FramesInTurn(emitter as unknown as WebSocket, perSecond, async () => {
    most = Math.max(most, ends.length + 1);
    await new Promise<void>((resolve) => ends.push(resolve));
  });
  const finish = async () => {
    ends.shift()?.();
    await new Promise(setImmediate);
  };
  return {
    done,
    ends,
    finish,
    most: () => most,
    say: (count: number, bytes = 10) => Array.from({ length: count }, (_, n) => emitter.emit('message', Buffer.alloc(bytes, n))),
  };
}

describe('the frames of a socket', () => {
  test('are handled one at a time, and more are read only when few wait (E9)', async () => {
    const { done, finish, most, say } = socket(1_000);
    say(100, 8_000);
    expect(done[0]).toBe('pause');
    for (let n = 0; n < 100; n++) await finish();
    expect(done).toContain('resume');
    expect(most()).toBe(1);
  });

  test('end with 1008 when there are more of them than may be, and those that wait are dropped (E9)', async () => {
    const { done, ends, finish, say } = socket(10);
    say(1_000);
    expect(done).toContain('close 1008');
    expect(done.filter((what) => what.startsWith('close'))).toHaveLength(1);
    await finish();
    expect(ends).toHaveLength(0);
  });
});
