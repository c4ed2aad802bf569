// Ring 2: .ci/run runs this file.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { pagesWithSnippets, snippetsOf } from '../../tools/lib/snippets.mjs';
import { describeIf, type FreshDatabase, freshDatabase, hasBroker, type Stack, startStack } from '../support/index.js';

// What the documentation tells people to type, typed: the shell snippets of a page in one shell, in their order, and its SQL.

const CLI = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));
const curl = spawnSync('sh', ['-c', 'command -v curl'], { encoding: 'utf8' }).stdout.trim();

/** The pages with snippets of a language that nothing else runs. */
function pagesIn(wanted: string) {
  return pagesWithSnippets()
    .map((page) => ({ page, snippets: snippetsOf(page).filter(({ language, notRun, runBy, file }) => language === wanted && !notRun && !runBy && !file) }))
    .filter(({ snippets }) => snippets.length > 0);
}

describeIf(curl !== '', 'curl is not installed')('the shell snippets of', () => {
  let stack: Stack;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'longhaul-docs-'));
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    // An answer of 400 and above is a failed snippet; `npx longhaul` is the build.
    program(join(bin, 'curl'), `exec ${curl} --fail-with-body "$@"`);
    program(join(bin, 'npx'), `[ "$1" = longhaul ] || exit 127\nshift\nexec ${process.execPath} ${CLI} "$@"`);
    stack = await startStack({ mode: hasBroker ? 'distributed' : 'single-process' });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await stack.stop();
  });

  test.each(pagesIn('sh'))(
    '$page work as they are printed',
    ({ page, snippets }) => {
      const lines = snippets.map(({ line, code }) => `echo ${page}:${line} >&2\n${code.replaceAll('http://127.0.0.1:3000', stack.gateway.url)}`);
      const { status, stdout, stderr } = spawnSync('sh', ['-eu'], {
        input: lines.join('\n'),
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, HOME: folder, LONGHAUL_URL: stack.gateway.url },
        timeout: 300_000,
      });
      if (status !== 0) throw new Error(`expected the snippets of ${page} to work, got exit ${String(status)}:\n${stderr}\n${stdout}`);
    },
    300_000,
  );
});

describe('the SQL of', () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  // In a transaction that is rolled back: roles are those of the whole server.
  test.each(pagesIn('sql'))('$page is accepted on a migrated database', async ({ page, snippets }) => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      for (const { line, code } of snippets) {
        await client.query('BEGIN');
        for (const role of ['longhaul', 'longhaul_app']) {
          const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
          if (rowCount === 0) await client.query(`CREATE ROLE ${role}`);
        }
        if (code.includes('CREATE SCHEMA')) await client.query('DROP SCHEMA IF EXISTS longhaul, imports, imports_staging CASCADE');
        await client.query(code.replace('DATABASE app', `DATABASE "${database.name}"`)).catch((error: unknown) => {
          throw new Error(`expected the SQL at ${page}:${line} to be accepted, got an error`, { cause: error });
        });
        await client.query('ROLLBACK');
      }
    } finally {
      await client.end();
    }
  });
});

function program(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}
