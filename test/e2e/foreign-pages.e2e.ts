// Ring 2: .ci/run runs this file.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { describeIf, type Stack, startStack } from '../support/index.js';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** What a page of another origin would try, with requests that need no preflight and with those that do. */
const ATTACK = (gateway: string, job: string) => `(async () => {
  const gateway = ${JSON.stringify(gateway)};
  const tries = {};
  const form = new FormData();
  form.append('file', new Blob(['a,b']), 'a.csv');
  const calls = {
    pause: ['/queues/default/pause', { method: 'POST' }],
    pauseOpaquely: ['/queues/default/pause', { method: 'POST', mode: 'no-cors' }],
    cancel: ['/jobs/${job}/cancel', { method: 'POST', mode: 'no-cors', body: 'x' }],
    upload: ['/files', { method: 'POST', mode: 'no-cors', body: form }],
    redrive: ['/dead-letters/redrive', { method: 'POST', mode: 'no-cors' }],
    submit: ['/jobs', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"kind":"debug.echo","payload":{"value":1}}' }],
    read: ['/jobs', {}],
    readMetrics: ['/metrics', {}],
    readOpaquely: ['/jobs', { mode: 'no-cors' }],
  };
  for (const [name, [path, init]] of Object.entries(calls)) {
    tries[name] = await fetch(gateway + path, init).then(async (response) => response.type === 'opaque' ? 'opaque' : response.status + ' ' + (await response.text()).slice(0, 60), () => 'blocked');
  }
  tries.socket = await new Promise((resolve) => {
    const socket = new WebSocket(gateway.replace('http', 'ws') + '/ws');
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve('refused');
  });
  tries.frame = await new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.src = gateway + '/docs';
    frame.onload = () => { try { resolve(frame.contentDocument && frame.contentDocument.body.innerText ? 'read' : 'nothing'); } catch { resolve('nothing'); } };
    document.body.append(frame);
  });
  const target = document.createElement('iframe');
  target.name = 'target';
  document.body.append(target);
  const posted = document.createElement('form');
  Object.assign(posted, { method: 'POST', action: gateway + '/queues/default/pause', target: 'target' });
  document.body.append(posted);
  const loaded = new Promise((resolve) => (target.onload = resolve));
  posted.submit();
  await loaded;
  return tries;
})()`;

describeIf(existsSync(CHROMIUM), 'Chromium is not installed')('a page in a browser', () => {
  let stack: Stack;
  let pages: Server;
  let browser: Browser;
  let page: Page;
  let job: string;

  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: { ADMISSION_EVENT_LOOP_MS: '0' } });
    pages = createServer((_request, response) => void response.setHeader('content-type', 'text/html').end('<title>another page</title><body>')).listen(
      0,
      '127.0.0.1',
    );
    await once(pages, 'listening');
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--host-resolver-rules=MAP evil.example 127.0.0.1'] });
    page = await browser.newPage();
    job = await stack.api.accepted('debug.echo', { value: 'secret' }, { delay: 600_000 });
  });
  afterAll(async () => {
    await browser.close();
    pages.close();
    await stack.stop();
  });

  /** Nothing that a page may have done is there. */
  async function expectUnharmed(): Promise<void> {
    expect(await stack.query('SELECT name FROM queues WHERE paused_at IS NOT NULL')).toEqual([]);
    expect(await stack.query('SELECT id, state FROM jobs')).toEqual([{ id: job, state: 'scheduled' }]);
    expect(await stack.query('SELECT id FROM files')).toEqual([]);
  }

  const port = (url: string) => new URL(url).port;
  const pagesUrl = () => `http://127.0.0.1:${String((pages.address() as AddressInfo).port)}`;

  test.each([
    ['of another site', () => pagesUrl().replace('127.0.0.1', 'evil.example')],
    ['of another port of this machine', pagesUrl],
    ['of this machine by another name', () => pagesUrl().replace('127.0.0.1', 'localhost')],
  ])('%s changes nothing and reads nothing (E2, E3)', async (_, url) => {
    await page.goto(url());
    const tries = await page.evaluate<Record<string, string>>(ATTACK(stack.api.url, job));
    for (const name of ['pause', 'submit', 'read', 'readMetrics']) expect([name, tries[name]]).toEqual([name, 'blocked']);
    expect(tries).toMatchObject({ socket: 'refused', frame: 'nothing' });
    await expectUnharmed();
  });

  test('of a name that was rebound to the gateway gets 421 for everything (E1)', async () => {
    // Without the policy of the page that it begins on: an attacker's own page would have none.
    const page = await browser.newPage({ bypassCSP: true });
    const rebound = `http://evil.example:${port(stack.api.url)}`;
    const answer = await page.goto(`${rebound}/docs`);
    expect(answer?.status()).toBe(421);
    // A page that was loaded before its name was rebound: same origin, as far as the browser can tell.
    await page.goto(`${rebound}/health/live`);
    const tries = await page.evaluate<Record<string, string>>(`(async () => {
      const tries = {};
      for (const [name, path, init] of [
        ['read', '/jobs', {}], ['one', '/jobs/${job}', {}], ['metrics', '/metrics', {}], ['document', '/openapi.json', {}],
        ['pause', '/queues/default/pause', { method: 'POST' }], ['cancel', '/jobs/${job}/cancel', { method: 'POST' }],
        ['submit', '/jobs', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"kind":"debug.echo","payload":{"value":1}}' }],
      ]) tries[name] = await fetch(path, init).then((response) => String(response.status), () => 'blocked');
      tries.socket = await new Promise((resolve) => {
        const socket = new WebSocket('ws://' + location.host + '/ws');
        socket.onopen = () => resolve('open');
        socket.onerror = () => resolve('refused');
      });
      return tries;
    })()`);
    for (const [name, outcome] of Object.entries(tries)) expect([name, outcome]).toEqual([name, name === 'socket' ? 'refused' : '421']);
    await page.close();
    await expectUnharmed();
  });

  test('of our own, the docs, runs under its policy and calls the gateway (E5)', async () => {
    const faults: string[] = [];
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    for (const path of ['/docs', '/docs/']) {
      await page.goto(stack.api.url + path);
      await page.waitForSelector('.opblock');
    }
    await expect(page.evaluate(`fetch('/queues/default/resume', { method: 'POST' }).then((response) => response.status)`)).resolves.toBeLessThan(500);
    expect(faults.filter((text) => !text.includes('404'))).toEqual([]);
  });
});
