import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { shownPath } from './shown-path.js';

describe('the path that a fault shows of a compiled file', () => {
  let project: string;
  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'longhaul-shown-'));
    mkdirSync(join(project, 'dist/jobs'), { recursive: true });
    mkdirSync(join(project, 'jobs'));
    for (const file of ['longhaul.config.ts', 'jobs/mail.job.mts']) writeFileSync(join(project, file), '');
  });
  afterAll(() => rmSync(project, { recursive: true }));

  test('is that of its source, where there is one', () => {
    expect(shownPath(join(project, 'dist/longhaul.config.js'))).toBe(join(project, 'longhaul.config.ts'));
    expect(shownPath(join(project, 'dist/jobs/mail.job.mjs'))).toBe(join(project, 'jobs/mail.job.mts'));
    expect(shownPath(join(project, 'dist/other.js'))).toBe(join(project, 'dist/other.js'));
    expect(shownPath(join(project, 'longhaul.config.js'))).toBe(join(project, 'longhaul.config.js'));
  });

  test('begins at the working directory, for what is below it', () => {
    expect(shownPath(join(process.cwd(), 'dist/longhaul.config.js'))).toBe('longhaul.config.ts');
    expect(relative('.', shownPath('package.json'))).toBe('package.json');
  });
});
