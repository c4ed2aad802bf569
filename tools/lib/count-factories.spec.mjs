import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { countFactories } from './count-factories.mjs';

/** @type {string} */
let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'count-factories-'));
  for (const folder of ['apps', 'libs']) mkdirSync(join(root, folder));
});
afterEach(() => rmSync(root, { recursive: true }));

/** @param {string} file @param {string} text */
function write(file, text) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

describe('the count of useFactory', () => {
  test('has every mention in apps and libs, with the file that has most first', () => {
    write('apps/gateway/src/a.module.ts', '{ provide: A, useFactory: () => new A() }');
    write('libs/nest/src/b.module.ts', 'interface Options { useFactory: () => B }\n{ provide: B, useFactory }');
    expect(countFactories(root)).toEqual({
      total: 3,
      files: [
        { file: 'libs/nest/src/b.module.ts', count: 2 },
        { file: 'apps/gateway/src/a.module.ts', count: 1 },
      ],
    });
  });

  test('leaves out comments, tests and what is no TypeScript', () => {
    write('apps/gateway/src/a.module.ts', '/** No useFactory here. */\n// useFactory\nconst url = "https://useFactory.example";');
    for (const name of ['a.spec.ts', 'a.int-spec.ts', 'testing/a.ts', 'a.md']) write(`libs/core/src/${name}`, 'useFactory');
    expect(countFactories(root)).toMatchObject({ total: 1 });
  });
});
