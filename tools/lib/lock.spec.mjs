import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { stateDir } from './paths.mjs';

const NAME = `test-${process.pid}`;
const LOCK = join(stateDir, `${NAME}.lock`);

/** Each takes the lock many times, and writes when it has it and when it has not. */
const TAKER = `
  import { appendFileSync } from 'node:fs';
  import { withLock } from ${JSON.stringify(new URL('lock.mjs', import.meta.url).href)};
  for (let number = 0; number < 20; number++)
    await withLock(${JSON.stringify(NAME)}, async () => {
      appendFileSync(process.argv[1], 'in ' + process.pid + '\\n');
      await new Promise(setImmediate);
      appendFileSync(process.argv[1], 'out ' + process.pid + '\\n');
    });
`;

describe('a lock of this checkout', () => {
  test('is held by one process at a time, also while others look who holds it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'longhaul-lock-'));
    const log = join(folder, 'log');
    const taker = () =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, ['--input-type=module', '--eval', TAKER, log], { env: { ...process.env, NODE_OPTIONS: '' }, stdio: 'ignore' });
        child.on('exit', resolve);
      });
    try {
      expect(await Promise.all(Array.from({ length: 4 }, taker))).toEqual([0, 0, 0, 0]);
      const lines = readFileSync(log, 'utf8').trim().split('\n');
      expect(lines).toHaveLength(4 * 20 * 2);
      for (let line = 0; line < lines.length; line += 2) expect(lines[line + 1]).toBe(lines[line]?.replace('in', 'out'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('is not taken for one of a dead process while its holder is still writing it', async () => {
    await withLock(NAME, async () => undefined);
    writeFileSync(LOCK, '');
    const taking = withLock(NAME, async () => 'mine');
    expect(existsSync(LOCK)).toBe(true);
    rmSync(LOCK);
    expect(await taking).toBe('mine');
  });

  test('is taken over from a process that has died with it', async () => {
    await withLock(NAME, async () => undefined);
    writeFileSync(LOCK, '999999999');
    expect(await withLock(NAME, async () => 'mine')).toBe('mine');
  });
});
