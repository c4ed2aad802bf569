// Ring 2: .ci/run runs this file.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshDatabase, packLonghaul, type PackedLonghaul } from '../support/index.js';

// What `longhaul` says in the folder of a project that is not as it should be, with the package as `npm run pack` makes it.

const JOB = `
import { type Handles, JobHandler } from 'longhaul';
class Nothing {}
class Mailer {}
@JobHandler({ kind: 'mail.send', payload: Nothing })
export class SendMail implements Handles<Nothing, null> { async run() { return null; } }
@JobHandler({ kind: 'mail.send', payload: Nothing })
export class SendAgain implements Handles<Nothing, null> { async run() { return null; } }
@JobHandler({ kind: 'mail.receive', payload: Nothing })
export class TakesMailer implements Handles<Nothing, null> { constructor(readonly mailer: Mailer) {} async run() { return null; } }
export class Plain {}
`;
const HEAD = `import { defineConfig } from 'longhaul/config';\nimport { Plain, SendAgain, SendMail, TakesMailer } from './mail.job.js';\n`;
/** Nobody listens there: what looks for services before it looks at the project would say something of them. */
const NOWHERE = { DATABASE_URL: 'postgres://postgres@127.0.0.1:1/none', AMQP_URL: 'amqp://127.0.0.1:1', LONGHAUL_ENV_FILE: '' };
const COMPILED = 'dist/longhaul.config.js';
const SOURCE = 'longhaul.config.ts';

describe('a project whose configuration is wrong', () => {
  let packed: PackedLonghaul;
  beforeAll(() => {
    packed = packLonghaul('faults');
  }, 300_000);
  afterAll(() => rmSync(packed.folder, { recursive: true, force: true }));

  function project(files: Record<string, string>): string {
    // Of a folder with a space no path may be cut.
    const home = mkdtempSync(join(packed.folder, 'a project '));
    mkdirSync(join(home, 'dist'));
    for (const [name, text] of Object.entries({ 'package.json': '{ "type": "module" }', 'mail.job.ts': JOB, ...files })) writeFileSync(join(home, name), text);
    return home;
  }

  function run(home: string, command: string, env: Record<string, string> = NOWHERE): Promise<{ code: number; said: string }> {
    return new Promise((resolve) => {
      const options = { cwd: home, env: { PATH: process.env['PATH'], ...env }, timeout: 120_000 };
      execFile(process.execPath, [packed.longhaul, command], options, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), said: out + err });
      });
    });
  }

  test.each([
    ['without jobs', 'export default defineConfig({ jobs: [] });', `expected jobs of ${SOURCE} to have a handler class at least, got none; add yours`],
    [
      'with a class that is no handler',
      'export default defineConfig({ jobs: [SendMail, Plain as never] });',
      `expected jobs of ${SOURCE} to be classes with @JobHandler({ kind, payload }), got Plain; decorate it, or take it out`,
    ],
    [
      'with two jobs of one kind',
      'export default defineConfig({ jobs: [SendMail, SendAgain] });',
      `expected one class for kind "mail.send" in jobs of ${SOURCE}, got two: SendMail and SendAgain; give one of them another kind`,
    ],
    [
      'without a default export',
      'export const config = defineConfig({ jobs: [SendMail] });',
      `expected ${SOURCE} to export default defineConfig({ jobs: [...] }), got no default export`,
    ],
    [
      'with an import that has no ending',
      `import { Plain as Other } from './mail.job';\nexport default defineConfig({ jobs: [SendMail, Other as never] });`,
      `expected ${SOURCE} to import files that are there, got: dist/mail.job; write the import with its ending: .js`,
    ],
    [
      'with a package that is not installed',
      `import other from 'no-such-package';\nexport default defineConfig({ jobs: [SendMail], name: other });`,
      'expected the package no-such-package to be installed, got none; run: npm install no-such-package',
    ],
  ])('%s: start says so in one line and exits with 1, before it looks for services', async (_, config, line) => {
    const home = project({ 'longhaul.config.ts': HEAD + config });
    expect(await run(home, 'start')).toEqual({ code: 1, said: `longhaul: ${line}\n` });
  });

  test('that throws: start shows its stack once, with the line of the source', async () => {
    const home = project({ 'longhaul.config.ts': `${HEAD}throw new Error('no such region');\nexport default defineConfig({ jobs: [SendMail] });` });
    const { code, said } = await run(home, 'start');
    expect(code).toBe(1);
    expect(said.match(/Error: no such region/g)).toHaveLength(1);
    expect(said).toContain('longhaul.config.ts:3');
  });

  test('with a service that nothing provides: start says which, once, and exits with 1', async () => {
    const database = await freshDatabase();
    const home = project({ 'longhaul.config.ts': `${HEAD}export default defineConfig({ jobs: [TakesMailer] });` });
    const { code, said } = await run(home, 'start', { DATABASE_URL: database.url, LONGHAUL_BROKER: 'none', LONGHAUL_ENV_FILE: '' });
    await database.drop();
    expect(code).toBe(1);
    expect(said.match(/expected all that TakesMailer takes to be provided in \S*longhaul\.config\.ts, got nothing for Mailer; add .*/g)).toHaveLength(1);
  });

  test.each([
    ['longhaul.config.mts', 'longhaul.config.mts; rename it to longhaul.config.ts'],
    ['longhaul.config.js', 'longhaul.config.js; rename it to longhaul.config.ts, or set LONGHAUL_CONFIG to it'],
    ['other.ts', 'none; write one (export default defineConfig({ jobs: [...] })), or run: npm create longhaul'],
  ])('with the file %s in its place: start says what to do', async (name, got) => {
    const home = project({ [name]: 'export {};' });
    expect(await run(home, 'start')).toEqual({ code: 1, said: `longhaul: expected longhaul.config.ts in ${home}, got ${got}\n` });
  });

  test.each(['gateway', 'worker'])('that is not compiled: %s says how to compile it, and of no variable that nobody has set', async (command) => {
    const bare = project({});
    const fix = 'write longhaul.config.ts (or run: npm create longhaul), then npm run build';
    expect(await run(bare, command)).toEqual({ code: 1, said: `longhaul: expected ${COMPILED} in ${bare}, got none; ${fix}\n` });
    const written = project({ 'longhaul.config.ts': HEAD });
    const said = `longhaul: expected ${COMPILED} in ${written}, got none; npm run build makes it of longhaul.config.ts\n`;
    expect(await run(written, command)).toEqual({ code: 1, said });
  });
});
