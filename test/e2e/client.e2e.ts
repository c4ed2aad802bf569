import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { JobFailedError, Longhaul } from '@app/client';
import { type Browser, chromium, type Page } from 'playwright-core';
import { describeIf, type Stack, startStack, tcpProxy, type TcpProxy, waitFor } from '../support/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

interface DebugKinds {
  'debug.echo': { payload: { value: unknown }; result: { value: unknown } };
  'debug.sleep': { payload: { ms: number }; result: { ms: number } };
  'debug.fail': { payload: { message: string; times?: number; retryable?: boolean }; result: { attempts: number } };
}

describe('the client', () => {
  let stack: Stack;
  let proxy: TcpProxy;
  let pages: Server;
  let longhaul: Longhaul<DebugKinds>;

  beforeAll(async () => {
    pages = createServer((request, response) => {
      const file = /^\/client\/([a-z-]+\.js)$/.exec(request.url ?? '')?.[1];
      if (file === undefined) return void response.setHeader('content-type', 'text/html').end('<title>a page of another origin</title>');
      readFile(join(root, 'dist/client', file)).then(
        (script) => response.setHeader('content-type', 'text/javascript').end(script),
        () => response.writeHead(404).end(),
      );
    }).listen(0, '127.0.0.1');
    await once(pages, 'listening');
    stack = await startStack({ mode: 'single-process', env: { CORS_ORIGINS: originOf(pages) } });
    proxy = await tcpProxy(stack.gateway.url);
    longhaul = new Longhaul({ url: proxy.url, backoff: { firstMs: 20, longestMs: 200 } });
  });
  afterEach(() => proxy.heal());
  afterAll(async () => {
    await proxy.close();
    pages.close();
    await stack.stop();
  });

  test('submits a job and brings its result', async () => {
    const job = await longhaul.submit('debug.echo', { value: { deep: ['ä', null] } });
    await expect(longhaul.result(job)).resolves.toEqual({ value: { deep: ['ä', null] } });
    await expect(longhaul.get(job.id)).resolves.toMatchObject({ state: 'succeeded' });
  });

  test('a job that fails rejects with what happened', async () => {
    const job = await longhaul.submit('debug.fail', { message: 'no luck', retryable: false });
    const failed = await longhaul.result(job).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(JobFailedError);
    expect(failed).toMatchObject({ code: 'non_retryable', state: 'failed', job: { id: job.id, error: { message: 'no luck' } } });
    expect((await longhaul.redrive(job.id)).state).toBe('queued');
  });

  test('dead letters are counted and put back by a filter, and an empty one is refused (C28)', async () => {
    const job = await longhaul.submit('debug.fail', { message: 'dead', retryable: false });
    await expect(longhaul.result(job)).rejects.toBeInstanceOf(JobFailedError);
    const which = { kind: 'debug.fail', source: 'job' } as const;
    const matching = await longhaul.countDeadLetters(which);
    expect(matching).toBeGreaterThanOrEqual(1);
    await expect(longhaul.redriveDeadLetters({})).rejects.toMatchObject({ status: 422, detail: expect.stringContaining('expected a filter') as string });
    expect(await longhaul.redriveDeadLetters(which)).toEqual({ redriven: matching, refused: [] });
    expect(await longhaul.countDeadLetters({ all: true })).toBeGreaterThanOrEqual(0);
  });

  test('a job that is cancelled rejects while it is waited for', async () => {
    const job = await longhaul.submit('debug.sleep', { ms: 60_000 });
    const result = longhaul.result(job);
    await longhaul.cancel(job.id);
    await expect(result).rejects.toMatchObject({ name: 'JobFailedError', state: 'cancelled' });
  });

  test('what is refused says why, and what was probably meant', async () => {
    const call = new Longhaul({ url: proxy.url }).submit('debug.eco', {});
    await expect(call).rejects.toMatchObject({ code: 'unknown-kind', status: 422 });
    await expect(call).rejects.toThrow('did you mean "debug.echo"?');
  });

  test('a submission whose answer was lost makes one job', async () => {
    proxy.deafen('answers');
    const submitting = longhaul.submit('debug.echo', { value: 'lost answer' }, { tags: ['lost'] });
    await waitFor('the job to be stored', async () => (await stack.api.call<{ items: unknown[] }>('GET', '/jobs?tag=lost')).body.items.length === 1);
    proxy.reset();
    await proxy.heal();
    const job = await submitting;
    expect((await longhaul.list({ tag: 'lost' })).items.map(({ id }) => id)).toEqual([job.id]);
  });

  test('a gateway that is away for a while is waited for', async () => {
    await proxy.refuse();
    const submitting = longhaul.submit('debug.echo', { value: 1 });
    const [submitted] = await Promise.all([submitting, new Promise((resolve) => setTimeout(resolve, 300)).then(() => proxy.heal())]);
    await expect(longhaul.result(submitted)).resolves.toEqual({ value: 1 });
  });

  test('a batch is accepted in its order, once under one key', async () => {
    const entries = ['a', 'b', 'c'].map((value) => ({ kind: 'debug.echo', payload: { value } }) as const);
    const jobs = await longhaul.submitBatch(entries, { idempotencyKey: 'a batch' });
    const again = await longhaul.submitBatch(entries, { idempotencyKey: 'a batch' });
    expect(again.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
    expect(again.every(({ replayed }) => replayed)).toBe(true);
    await expect(Promise.all(jobs.map((job) => longhaul.result(job)))).resolves.toEqual([{ value: 'a' }, { value: 'b' }, { value: 'c' }]);
  });

  test('is imported by its name in plain Node, from the build', async () => {
    const script = `import { Longhaul } from 'longhaul/client';
      const longhaul = new Longhaul({ url: '${stack.gateway.url}' });
      console.log(JSON.stringify(await longhaul.result(await longhaul.submit('debug.echo', { value: 'plain' }))));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: root, env: { PATH: process.env['PATH'] } });
    expect(JSON.parse(stdout)).toEqual({ value: 'plain' });
  });

  describeIf(existsSync(CHROMIUM), 'Chromium is not installed')('in a browser', () => {
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
      page = await browser.newPage();
    });
    afterAll(() => browser.close());

    /** What a page's own script would do, with the client as it is shipped. */
    function inPage<Result>(script: string): Promise<Result> {
      return page.evaluate<Result>(`(async () => {
        const { Longhaul } = await import('/client/index.js');
        const longhaul = new Longhaul({ url: ${JSON.stringify(stack.gateway.url)}, deadlineMs: 5000 });
        ${script}
      })()`);
    }

    test('a page of an origin in CORS_ORIGINS submits, waits and reads what is refused', async () => {
      await page.goto(originOf(pages));
      await expect(inPage(`return longhaul.result(await longhaul.submit('debug.sleep', { ms: 300 }))`)).resolves.toEqual({ ms: 300 });
      await expect(inPage(`return longhaul.submit('debug.eco', {}).catch(({ name, code, message }) => ({ name, code, message }))`)).resolves.toEqual({
        name: 'ProblemError',
        code: 'unknown-kind',
        message: 'no kind "debug.eco"; did you mean "debug.echo"?',
      });
    });

    test('a page of another origin is kept out, and told so at its first call (C32)', async () => {
      await page.goto(originOf(pages).replace('127.0.0.1', 'localhost'));
      const { origin } = new URL(page.url());
      const calls = `
        let requests = 0;
        const counting = new Longhaul({ url: ${JSON.stringify(stack.gateway.url)}, fetch: (...call) => (requests++, fetch(...call)) });
        const messageOf = ({ name, message }) => name + ': ' + message;
        const first = await counting.submit('debug.echo', { value: 1 }).catch(messageOf);
        const events = await counting.events('x').next().catch(messageOf);
        return { first, events, requests };`;
      const told = expect.stringMatching(`UnreachableError: expected an answer of .* to a page of ${origin}, .*: add ${origin} to its CORS_ORIGINS`);
      await expect(inPage(calls)).resolves.toEqual({ first: told, events: told, requests: 2 });
    });
  });
});

function originOf(server: Server): string {
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}
