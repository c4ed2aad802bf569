import 'reflect-metadata';
import { type Handles, JobHandler } from '@app/sdk';
import { defineConfig } from '@app/sdk/config';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFault } from './start-fault.js';
import { findConfig, readConfig } from './load-config.js';

class Nothing {}

@JobHandler({ kind: 'a.b', payload: Nothing })
class First implements Handles<Nothing, null> {
  run() {
    return Promise.resolve(null);
  }
}

@JobHandler({ kind: 'a.b', payload: Nothing })
class Second implements Handles<Nothing, null> {
  run() {
    return Promise.resolve(null);
  }
}

class Plain {}

const read = (config: unknown) => readConfig('/project/dist/longhaul.config.js', { default: config });

describe('longhaul.config', () => {
  test('names its jobs as a list, or by their kinds', () => {
    expect(read(defineConfig({ jobs: [First] })).jobs).toEqual([First]);
    expect(read(defineConfig({ jobs: { 'a.b': First } }))).toMatchObject({
      path: '/project/dist/longhaul.config.js',
      jobs: [First],
      imports: [],
      providers: [],
    });
  });

  test.each([
    [
      'without a default export',
      undefined,
      /^expected \S+longhaul\.config\.js to export default defineConfig\(\{ jobs: \[\.\.\.\] \}\), got no default export$/,
    ],
    ['that is no object', 'jobs', /got one without jobs$/],
    ['without jobs', {}, /got one without jobs$/],
    ['with no job', { jobs: [] }, /^expected jobs of \S+ to have a handler class at least, got none; add yours$/],
    [
      'with a class that is no handler',
      { jobs: [First, Plain] },
      /^expected jobs of \S+ to be classes with @JobHandler.*, got Plain; decorate it, or take it out$/,
    ],
    ['with what is no class', { jobs: [{ kind: 'a.b' }] }, /, got \{ kind: 'a\.b' \}; decorate it/],
    ['with an import that is undefined', { jobs: [undefined] }, /, got undefined; decorate it/],
    [
      'with two jobs of one kind',
      { jobs: [First, Second] },
      /^expected one class for kind "a\.b" in jobs of \S+, got two: First and Second; give one of them another kind$/,
    ],
    ['with one class twice', { jobs: [First, First] }, /^expected First once in jobs of \S+, got it twice; take one out$/],
    ['with a slip', { jobs: [First], provider: [] }, /^expected \S+ to have jobs, imports, providers, name, got: provider; did you mean providers\?$/],
    ['with a module for the list of modules', { jobs: [First], imports: Plain }, /^expected imports of \S+ to be a list, got: \[class Plain\]$/],
    [
      'with a module that is undefined',
      { jobs: [First], imports: [Plain, undefined] },
      /^expected imports of \S+ to have no holes, got undefined at place 2; mend its import, or let two files not import each other$/,
    ],
    ['with a name that is none', { jobs: [First], name: '' }, /^expected name of \S+ to be the name of the service, got: ''$/],
    [
      'with a kind under another name',
      { jobs: { 'a.c': First } },
      /^expected First in jobs of \S+ under 'a\.b', the kind of its @JobHandler, got: 'a\.c'; rename one of them$/,
    ],
  ])('%s is refused with one line that names the file, the class and the fix', (_what, config, line) => {
    expect(() => read(config)).toThrow(expect.objectContaining({ name: 'ConfigFileError', message: expect.stringMatching(line) as string }) as Error);
  });
});

describe('LONGHAUL_CONFIG', () => {
  test('names the compiled file, from the working directory or by its whole path', () => {
    const folder = mkdtempSync(join(tmpdir(), 'longhaul-config-'));
    const path = join(folder, 'jobs.js');
    writeFileSync(path, '');
    expect(findConfig({ LONGHAUL_CONFIG: ` ${path} ` })).toBe(path);
    rmSync(folder, { recursive: true });
    expect(findConfig({ LONGHAUL_CONFIG: 'package.json' })).toBe(join(process.cwd(), 'package.json'));
  });

  test.each(['missing.js', 'longhaul.config.ts', 'a\nb.js', '\u0000', 'x'.repeat(10_000)])('%j is refused in one short line', (named) => {
    let fault: string | undefined;
    try {
      findConfig({ LONGHAUL_CONFIG: named });
    } catch (error) {
      fault = startFault(error);
    }
    expect(fault).toMatch(/^expected LONGHAUL_CONFIG to name .*, got: .*; compile it/);
    expect(fault).not.toContain('\n');
    expect(fault?.length).toBeLessThan(600);
  });
});
