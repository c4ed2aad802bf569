// Ring 2: .ci/run runs this file.
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { JobView } from '@app/contracts';
import { snippetsOf } from '../../tools/lib/snippets.mjs';
import { describeWithBroker, type Stack, startStack, testIf, waitFor } from '../support/index.js';

// docs/learn/from-other-services.md says that any language's ordinary client works, and prints how; docs/reference/amqp.md prints request and reply.
// What they print is run here.
// A language that this machine has not is skipped. On Debian: python3-pika ruby-bunny php-cli php-amqplib amqp-tools golang-go
// golang-github-rabbitmq-amqp091-go-dev.

const run = promisify(execFile);
/** Debian's packages of Go, without modules. */
const GO = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' };
const PRODUCERS = fileURLToPath(new URL('../../examples/producers', import.meta.url));
const REQUEST = 'docs/reference/amqp.md';
// Where another Python comes first in PATH, Debian's packages are in its own.
const python = firstThatWorks(['python3', '/usr/bin/python3'], ['-c', 'import pika']);

const clients = [
  { file: 'submit.py', value: 'from python', name: "Python's pika", program: python },
  { file: 'submit.rb', value: 'from ruby', name: "Ruby's bunny", program: firstThatWorks(['ruby'], ['-e', 'require "bunny"']) },
  { file: 'submit.php', value: 'from php', name: "PHP's php-amqplib", program: firstThatWorks(['php'], ['-r', "require 'PhpAmqpLib/autoload.php';"]) },
  { file: 'submit.go', value: 'from go', name: "Go's amqp091-go", program: firstThatWorks(['go'], ['list', 'github.com/rabbitmq/amqp091-go']), args: ['run'] },
  { file: 'submit.sh', value: 'from shell', name: 'the shell, by HTTP', program: firstThatWorks(['sh'], ['-c', 'command -v curl']) },
];
const amqpPublish = firstThatWorks(['amqp-publish'], ['--help']);

function firstThatWorks(programs: string[], args: string[]): string | undefined {
  return programs.find((program) => spawnSync(program, args, { env: { ...process.env, ...GO } }).status === 0);
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

  for (const { file, value, name, program, args = [] } of clients) {
    testIf(program !== undefined, 'the language or its client is not installed')(`${name}, as the docs print it, makes a job that runs`, async () => {
      const env = { ...process.env, ...GO, AMQP_URL: stack.amqpUrl, LONGHAUL_URL: stack.gateway.url };
      await run(program ?? '', [...args, join(PRODUCERS, file)], { cwd: folder, env });
      const job = await waitFor('the job to succeed', async () => {
        const { body } = await stack.api.call<{ items: JobView[] }>('GET', '/jobs?kind=debug.echo&state=succeeded');
        return body.items.find(({ result }) => JSON.stringify(result) === JSON.stringify({ value }));
      });
      expect(job.attempt).toBe(1);
    });
  }

  testIf(python !== undefined, 'pika is not installed')("Python's pika, as the docs print it, gets the reply to its request", async () => {
    const file = join(folder, 'request.py');
    const printed = snippetsOf(REQUEST).find(({ language }) => language === 'python')?.code ?? '';
    writeFileSync(file, printed.replace('amqp://guest:guest@127.0.0.1:5672', stack.amqpUrl));
    const { stdout } = await run(python ?? '', [file], { cwd: folder });
    expect(stdout).toMatch(/^debug\.echo\.succeeded .*'result': \{'value': 1\}/);
  });

  testIf(amqpPublish !== undefined, 'amqp-publish is not installed')(
    'amqp-publish, which cannot set a message_id, makes a dead letter that says so',
    async () => {
      const target = ['-u', stack.amqpUrl, '-e', 'longhaul.submit', '-r', 'debug.echo'];
      await run('amqp-publish', [...target, '-p', '-C', 'application/json', '-b', '{"value":"from the shell"}']);
      const letter = await waitFor('the dead letter', async () => (await stack.api.deadLetters('?kind=debug.echo'))[0]);
      expect(letter).toMatchObject({ reason: 'bad_idempotency_key', messageId: null });
      expect(letter.detail).toContain('message_id');
    },
  );
});
