// Ring 2: .ci/run runs this file.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeInCi, type Stack, startStack } from '../support/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = (path: string) => join(root, 'node_modules', path);

/** As strict as a project may be; what is generated is not ours to lint. */
const COMPILER = {
  target: 'ES2022', module: 'nodenext', lib: ['ES2023', 'DOM', 'DOM.Iterable'], strict: true, noUncheckedIndexedAccess: true, types: ['node'], outDir: 'out', rootDir: '.',
}; // prettier-ignore

describeInCi("clients that others' generators make of the document", () => {
  let stack: Stack;
  let folder: string;
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: { LOG_LEVEL: 'warn' } });
    // Within the repository, so that what they import is found.
    mkdirSync(join(root, '.longhaul'), { recursive: true });
    folder = mkdtempSync(join(root, '.longhaul/generated-'));
    writeFileSync(join(folder, 'openapi.json'), await (await fetch(`${stack.gateway.url}/openapi.json`)).text());
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await stack.stop();
  });

  function node(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder } });
    if (status !== 0) throw new Error(`expected ${args.join(' ')} to end well, got ${String(status)}: ${stdout}${stderr}`);
    return stdout;
  }

  test.each([
    ['openapi-fetch', ['openapi-typescript/bin/cli.js', 'openapi.json', '-o', 'longhaul.d.ts']],
    ['hey-api', ['@hey-api/openapi-ts/bin/run.js', '-i', 'openapi.json', '-o', 'longhaul', '--no-log-file']],
  ])(
    '%s: compiles under strict, submits, waits, lists, cancels, and is told a problem',
    (name, [generator = '', ...args]) => {
      node(bin(generator), ...args);
      copyFileSync(join(root, 'test/generated-clients', `${name}.ts.txt`), join(folder, `${name}.ts`));
      writeFileSync(join(folder, `tsconfig.${name}.json`), JSON.stringify({ compilerOptions: COMPILER, files: [`${name}.ts`] }));
      node(bin('typescript/bin/tsc'), '-p', `tsconfig.${name}.json`);
      expect(JSON.parse(node(`out/${name}.js`, stack.gateway.url))).toEqual({
        result: { value: 1 },
        payload: { value: 1 },
        listed: expect.arrayContaining([true]),
        cancelled: 'cancelled',
        problem: '/problems/not-found',
      });
    },
    300_000,
  );
});
