import { kindPolicy, type RunningAttempt } from '@app/core';
import { createLogger } from '@app/host';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EntityManager } from 'typeorm';
import { IsolatedProcess } from './isolated-process.js';

const silent = createLogger('isolated', 'silent');

/** What an attempt is refused with whose process runs this program in place of a worker's. */
async function refusalOf(program: string, isolated: { env: string[] } | undefined): Promise<Error> {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-isolated-'));
  const path = join(folder, 'entry.mjs');
  await writeFile(path, program);
  const policy = kindPolicy({ kind: 'heavy.sum', ...(isolated === undefined ? {} : { isolated }) });
  const own = new IsolatedProcess({ entry: pathToFileURL(path), configPath: '', policy, memoryMb: 64, graceMs: 1_000, beatMs: 1_000, logger: silent });
  const attempt = { job: {}, signal: new AbortController().signal } as RunningAttempt<EntityManager>;
  const refusal = await own.run(attempt).then(
    () => new Error('expected the attempt to fail'),
    (error: unknown) => error as Error,
  );
  await own.gone;
  await rm(folder, { recursive: true });
  return refusal;
}

describe('the process of an isolated kind', () => {
  const program = `console.error('no LEDGER_URL'); process.exit(1);`;

  test('that ends while it starts fails its job with its last lines, and says which variables it has', async () => {
    const refusal = await refusalOf(program, { env: [] });
    expect(refusal).toMatchObject({ code: 'process_lost', stack: 'no LEDGER_URL\n' });
    expect(refusal.message).toBe(
      'the process of heavy.sum exited with code 1 before it could take a job, see its last lines; ' +
        'of your variables it has only those that isolated: { env: [...] } of the kind names',
    );
  });

  test('that has the whole environment, because its job has crashed a worker, says nothing of variables', async () => {
    const { message } = await refusalOf(program, undefined);
    expect(message).toBe('the process of heavy.sum exited with code 1 before it could take a job, see its last lines');
  });

  test('that ends with a job in its hands says only how', async () => {
    const { message } = await refusalOf(`process.on('message', () => process.exit(3)); process.send({ type: 'ready' });`, { env: [] });
    expect(message).toBe('the process of heavy.sum exited with code 3');
  });
});
