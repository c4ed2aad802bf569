// Ring 2: .ci/run runs this file.
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describeWithBroker, type Stack, startStack } from '../support/index.js';

const PEER = resolve(import.meta.dirname, '../../bench/peers/longhaul.mjs');

/** What the role of the producer does, without the peers' packages, which are not installed here. */
const PROGRAM = `
  const { longhaul } = await import(process.argv[1]);
  const producer = await longhaul.producer({ databaseUrl: process.argv[2], amqpUrl: process.argv[3], concurrency: 1 });
  console.log(await producer.submit({ value: 'measured' }));
  await producer.close();
  process.exit();
`;

describeWithBroker('the benchmarks', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed' });
  });
  afterAll(() => stack.stop());

  test('submit jobs in process to the product as it is built', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM, PEER, stack.databaseUrl, stack.amqpUrl], {
      env: { PATH: process.env['PATH'] },
    });
    expect(await stack.api.waitForState(stdout.trim(), 'succeeded')).toMatchObject({ kind: 'debug.echo', result: { value: 'measured' } });
  });
});
