import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JobView } from '@app/contracts';
import { snippetsOf } from '../../tools/lib/snippets.mjs';
import { describeWithBroker, type Stack, startStack, waitFor } from '../support/index.js';

// docs/learn/from-other-services.md says that any language's ordinary client works, and prints how; docs/reference/amqp.md prints request and reply.
// What they print is run here.
// A language that this machine has not is skipped. On Debian: python3-pika ruby-bunny php-cli php-amqplib amqp-tools.

const run = promisify(execFile);
const SUBMIT = 'docs/learn/from-other-services.md';
const REQUEST = 'docs/reference/amqp.md';

const clients = [
  // Where another Python comes first in PATH, Debian's packages are in its own.
  { fence: 'python', name: "Python's pika", program: firstThatWorks(['python3', '/usr/bin/python3'], ['-c', 'import pika']) },
  { fence: 'ruby', name: "Ruby's bunny", program: firstThatWorks(['ruby'], ['-e', 'require "bunny"']) },
  { fence: 'php', name: "PHP's php-amqplib", program: firstThatWorks(['php'], ['-r', "require 'PhpAmqpLib/autoload.php';"]) },
];
const amqpPublish = firstThatWorks(['amqp-publish'], ['--help']);

function firstThatWorks(programs: string[], args: string[]): string | undefined {
  return programs.find((program) => spawnSync(program, args).status === 0);
}

describeWithBroker('a client of another language', () => {
  let stack: Stack;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'longhaul-clients-'));
    // As Composer would have installed it.
    mkdirSync(join(folder, 'vendor'));
    writeFileSync(join(folder, 'vendor/autoload.php'), "<?php require 'PhpAmqpLib/autoload.php';");
    stack = await startStack({ mode: 'distributed' });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await stack.stop();
  });

  /** The page's snippet, with this test's broker and virtual host in place of the default ones. */
  function snippet(fence: string, page = SUBMIT): string {
    const printed = snippetsOf(page).find(({ language }) => language === fence)?.code;
    if (printed === undefined) throw new Error(`expected a snippet of ${fence} in ${page}, got none`);
    const url = new URL(stack.amqpUrl);
    const separate = [url.hostname, url.port, url.username, url.password, url.pathname.slice(1)].map((part) => `'${decodeURIComponent(part)}'`);
    const changed = printed.replace('amqp://guest:guest@127.0.0.1:5672', stack.amqpUrl).replace("'127.0.0.1', 5672, 'guest', 'guest'", separate.join(', '));
    expect(changed).not.toBe(printed);
    return changed;
  }

  for (const { fence, name, program } of clients) {
    (program ? test : test.skip)(`${name}, as the docs print it, makes a job that runs`, async () => {
      const file = join(folder, `publish.${fence}`);
      writeFileSync(file, snippet(fence));
      await run(program ?? '', [file], { cwd: folder });
      const job = await waitFor('the job to succeed', async () => {
        const { body } = await stack.api.call<{ items: JobView[] }>('GET', '/jobs?kind=debug.echo&state=succeeded');
        return body.items.find(({ result }) => JSON.stringify(result) === `{"value":"from ${fence}"}`);
      });
      expect(job.attempt).toBe(1);
    });
  }

  const python = clients[0]?.program;
  (python ? test : test.skip)("Python's pika, as the docs print it, gets the reply to its request", async () => {
    const file = join(folder, 'request.py');
    writeFileSync(file, snippet('python', REQUEST));
    const { stdout } = await run(python ?? '', [file], { cwd: folder });
    expect(stdout).toMatch(/^debug\.echo\.succeeded .*'result': \{'value': 1\}/);
  });

  (amqpPublish ? test : test.skip)('amqp-publish, which cannot set a message_id, makes a dead letter that says so', async () => {
    const target = ['-u', stack.amqpUrl, '-e', 'longhaul.submit', '-r', 'debug.echo'];
    await run('amqp-publish', [...target, '-p', '-C', 'application/json', '-b', '{"value":"from the shell"}']);
    const letter = await waitFor('the dead letter', async () => (await stack.api.deadLetters('?kind=debug.echo'))[0]);
    expect(letter).toMatchObject({ reason: 'bad_idempotency_key', messageId: null });
    expect(letter.detail).toContain('message_id');
  });
});
