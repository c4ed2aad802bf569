import 'reflect-metadata';
import { type Handles, JobHandler } from '@app/sdk';
import { defineConfig } from '@app/sdk/config';
import { readConfig } from './load-config.js';

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
    [
      'with a kind under another name',
      { jobs: { 'a.c': First } },
      /^expected First in jobs of \S+ under 'a\.b', the kind of its @JobHandler, got: 'a\.c'; rename one of them$/,
    ],
  ])('%s is refused with one line that names the file, the class and the fix', (_what, config, line) => {
    expect(() => read(config)).toThrow(expect.objectContaining({ name: 'ConfigFileError', message: expect.stringMatching(line) as string }) as Error);
  });
});
