import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { filesNaming, filesOfTable, readSources } from './count-places.mjs';

describe('the places in which something is named', () => {
  /** @type {string} */
  let root;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'longhaul-places-'));
    for (const folder of ['apps', 'libs']) mkdirSync(join(root, folder));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** @param {Record<string, string>} files */
  function write(files) {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
  }

  test('are files of hand-written code that name all that is asked for', () => {
    write({
      'apps/a/one.ts': 'const tags = queue;',
      'apps/a/two.ts': 'const tags = 1;',
      'libs/b/three.ts': "const queue = 'https://tags';",
    });
    expect(filesNaming(readSources(root), /\btags\b/, /\bqueue\b/)).toEqual(['apps/a/one.ts', 'libs/b/three.ts']);
  });

  test('are no comments, tests, migrations and generated files', () => {
    write({
      'libs/b/comment.ts': '/** tags */ const a = 1; // tags',
      'libs/b/a.spec.ts': 'tags',
      'libs/b/testing/a.ts': 'tags',
      'libs/b/migrations/1.ts': 'tags',
      'libs/b/wire.ts': '// Generated of something\n\nexport interface A { tags: string }',
      'libs/b/words.txt': 'tags',
    });
    expect(filesNaming(readSources(root), /\btags\b/)).toEqual([]);
  });

  test('of a table are its migration, its adapter, its port and what lists them, not what uses it', () => {
    write({
      'libs/b/migrations/1.ts': 'export class Pets1 { up() { `CREATE TABLE lh.pets (id int)`; } }',
      'libs/b/migrations/index.ts': 'const all = [Pets1];',
      'libs/b/migrations/2.ts': 'export class Owners2 { up() { `CREATE TABLE lh.pets_owners (id int)`; } }',
      'libs/b/adapter.ts': "const READ = 'SELECT id FROM lh.pets';\nexport class PostgresPets implements Pets {}",
      'libs/b/index.ts': "export { PostgresPets } from './adapter.js';",
      'libs/c/port.ts': 'export interface Pets {}',
      'apps/a/user.ts': 'store.pets.read();',
    });
    expect(filesOfTable(root, 'pets')).toEqual([
      'libs/b/adapter.ts',
      'libs/b/index.ts',
      'libs/b/migrations/1.ts',
      'libs/b/migrations/index.ts',
      'libs/c/port.ts',
    ]);
  });
});
