import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
/** @typedef {{ type: 'application' | 'library', root: string, sourceRoot: string, entryFile: string, compilerOptions: { tsConfigPath: string } }} Project */
/** @type {{ projects: Record<string, Project> }} */
const { projects } = JSON.parse(readFileSync(join(ROOT, 'nest-cli.json'), 'utf8'));

/** @param {string} folder */
const foldersOf = (folder) =>
  readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${folder}/${name}`);

describe('nest-cli.json', () => {
  test('lists every app and every library, apart from the console, which Vite builds, and nothing else', () => {
    const listed = Object.values(projects).map(({ root }) => root);
    expect([...listed, 'apps/console'].toSorted()).toEqual([...foldersOf('apps'), ...foldersOf('libs')].toSorted());
  });

  test.each(Object.entries(projects))('has the name, the type and the files of %s right', (name, { type, root, sourceRoot, entryFile, compilerOptions }) => {
    expect({ type, root, sourceRoot }).toEqual({
      type: root.startsWith('apps/') ? 'application' : 'library',
      root: `${root.split('/')[0]}/${name}`,
      sourceRoot: `${root}/src`,
    });
    // An application's entry is given from the root, a library's from its sources.
    const entry = type === 'application' ? entryFile : `${sourceRoot}/${entryFile}`;
    expect([`${entry}.ts`, compilerOptions.tsConfigPath].filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });
});
