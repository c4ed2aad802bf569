// How fast the console is: a gateway of this build, with a database of its own, and Chromium. Used by console-budget.mjs.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { chromium } from 'playwright-core';
import { capture, ended } from './commands.mjs';
import { consoles } from './console-load.mjs';
import { PlainError, say } from './log.mjs';
import { entry, root } from './paths.mjs';
import { freePortFrom } from './ports.mjs';
import { until } from './until.mjs';

/** @typedef {{ what: string, value: number, bar: number, unit: string }} Line */

const PAINT = { tries: 5, barMs: 1_000 };
const CHANGES = { many: 40, barMs: 250 };
const ACTS = { many: 40, pauseMs: 400 };
const MILLION = { rounds: 3, barMs: 300 };
const CLICKS = 4;
const FIRST_PORT = 14_500;
/** Alone and in pairs, of what bench/million/fill.sql has made: much, little and nothing fits. */
const FILTERS = ['', 'state=failed', 'state=succeeded', 'state=queued', 'state=running', 'state=scheduled', 'kind=usual.kind', 'kind=old.kind', 'kind=rare.kind', 'kind=no.kind', 'queue=mail', 'queue=rare', 'tag=common', 'tag=old-tag', 'tag=rare-tag', 'tag=no-tag', 'error=no', 'error=nothing%20of%20it', 'state=failed&kind=old.kind', 'state=queued&tag=tenant-42', 'kind=old.kind&tag=rare-tag', 'queue=rare&tag=common', 'state=cancelled&queue=mail', 'idempotencyKey=no-key']; // prettier-ignore

/** @param {string} postgresUrl @param {import('./owned.mjs').Owned} owned @param {{ jobs: number | null }} options  null: without the list of many jobs */
export async function timings(postgresUrl, owned, { jobs }) {
  const gateway = await startGateway(await freshDatabase(postgresUrl, 'changes', owned), owned);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  owned.add('Chromium', { stop: () => browser.close() });
  const lines = [
    await firstPaint(browser, gateway.url),
    await changes(browser, gateway.url),
    ...(await acts(browser, gateway.url)),
    await clicks(browser, gateway.url),
    ...(await consoles(browser, gateway, owned, post)),
  ];
  if (jobs === null) return lines;
  say(`making ${jobs.toLocaleString('en')} jobs`);
  const full = await freshDatabase(postgresUrl, 'list', owned);
  await fill(full, jobs);
  // It looks after the list alone, and runs none of these jobs.
  const reader = await startGateway(full, owned, { WORKER_QUEUES: 'idle' });
  return [...lines, await lists(browser, reader.url, jobs)];
}

/** @param {string} postgresUrl @param {string} what @param {import('./owned.mjs').Owned} owned */
async function freshDatabase(postgresUrl, what, owned) {
  const name = `longhaul_console_${what}_${process.pid}`;
  const admin = (/** @type {string} */ text) => withClient(postgresUrl, (client) => client.query(text));
  await admin(`CREATE DATABASE ${name}`);
  owned.add(`the database of the ${what}`, { stop: async () => void (await admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)) });
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  const { code, output } = await capture(process.execPath, [entry('gateway', 'migrate')], { env: { ...process.env, DATABASE_URL: url.href } });
  if (code !== 0) throw new PlainError(`expected the database to be migrated, got: ${output}`);
  return url.href;
}

/** @template T @param {string} connectionString @param {(client: pg.Client) => Promise<T>} use */
async function withClient(connectionString, use) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** @param {string} databaseUrl @param {import('./owned.mjs').Owned} owned @param {Record<string, string>} [more] */
async function startGateway(databaseUrl, owned, more = {}) {
  const port = await freePortFrom(FIRST_PORT);
  const env = { ...process.env, DATABASE_URL: databaseUrl, PORT: String(port), LONGHAUL_BROKER: 'none', LONGHAUL_DEBUG_KINDS: '1', LOG_LEVEL: 'warn', MAX_STREAMS_PER_CLIENT: '0', MAX_CONNECTIONS_PER_CLIENT: '0', WEBHOOK_ALLOW_PRIVATE: '1', LONGHAUL_ENV_FILE: '', ...more }; // prettier-ignore
  const child = spawn(process.execPath, [entry('gateway')], { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const end = ended(child);
  owned.add('the gateway', { stop: async () => void (child.kill('SIGTERM'), await end) });
  const url = `http://127.0.0.1:${port}`;
  await until('the gateway to be ready', async () => (await fetch(`${url}/health/ready`)).ok, { timeoutMs: 60_000 });
  return { url, pid: child.pid ?? 0 };
}

/** @param {string} url @param {string} path @param {object} body @returns {Promise<any>} */
async function post(url, path, body) {
  const response = await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new PlainError(`expected POST ${path} to be accepted, got ${response.status}: ${await response.text()}`);
  return response.json();
}

/** An empty cache each time: the worst of some. @param {import('playwright-core').Browser} browser @param {string} url @returns {Promise<Line>} */
async function firstPaint(browser, url) {
  const took = [];
  for (let one = 0; one <= PAINT.tries; one++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const began = performance.now();
    await page.goto(`${url}/console`, { waitUntil: 'commit' });
    await page.locator('main .verdict h1').waitFor();
    // The first starts the browser's own processes.
    if (one > 0) took.push(performance.now() - began);
    await context.close();
  }
  return { what: `first useful paint, cold, the worst of ${PAINT.tries}`, value: Math.max(...took), bar: PAINT.barMs, unit: 'ms' };
}

/** From before the request that commits the change, so a little more than is asked for. @param {import('playwright-core').Browser} browser @param {string} url @returns {Promise<Line>} */
async function changes(browser, url) {
  const ids = [];
  for (let one = 0; one < CHANGES.many; one++)
    ids.push((await post(url, '/jobs', { kind: 'debug.echo', payload: { value: one }, options: { delay: '1h' } })).id);
  const context = await browser.newContext({ viewport: { width: 1440, height: 2400 } });
  const page = await context.newPage();
  await page.goto(`${url}/console/jobs`);
  await until('all rows', async () => (await page.locator('tbody tr:not(.room)').count()) >= CHANGES.many, { timeoutMs: 30_000 });
  await page.getByText('Live', { exact: true }).first().waitFor();
  await page.evaluate(`(() => {
    window.shownAt = {};
    const look = () => { for (const row of document.querySelectorAll('tbody tr:not(.room)')) if (row.textContent.includes('cancelled')) window.shownAt[row.querySelector('.c-id').title] ??= Date.now(); };
    new MutationObserver(look).observe(document.querySelector('tbody'), { subtree: true, childList: true, characterData: true, attributes: true });
  })()`);
  const took = [];
  for (const id of ids) {
    const began = Date.now();
    await post(url, `/jobs/${id}/cancel`, {});
    const shown = await until('the change to be shown', () => page.evaluate(`window.shownAt[${JSON.stringify(id)}]`), { timeoutMs: 10_000, everyMs: 20 });
    took.push(Number(shown) - began);
  }
  await context.close();
  return { what: 'from the commit of a change to its display, p95', value: percentile(took, 0.95), bar: CHANGES.barMs, unit: 'ms' };
}

/** Screens of looks that many share: an act is shown when the gateway has looked again. @param {import('playwright-core').Browser} browser @param {string} url @returns {Promise<Line[]>} */
async function acts(browser, url) {
  const schedule = { kind: 'debug.echo', payload: { value: 1 }, spec: { cron: '0 3 * * *', timezone: 'UTC' } };
  const made = await fetch(`${url}/schedules/looked-at`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(schedule) });
  if (!made.ok) throw new PlainError(`expected the schedule to be made, got ${made.status}: ${await made.text()}`);
  const lines = [];
  for (const { screen, path, row, of } of [
    { screen: 'Schedules', path: '/schedules', row: 'looked-at', of: '/schedules/looked-at' },
    { screen: 'Queues and limits', path: '/queues', row: 'default', of: '/queues/default' },
  ]) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto(`${url}/console${path}`);
    await page.locator('main tr', { hasText: row }).first().waitFor();
    await page.getByText('Live', { exact: true }).first().waitFor();
    await page.evaluate(`(() => {
      window.shown = [];
      const isPaused = () => [...document.querySelectorAll('main tr')].some((row) => row.textContent.includes(${JSON.stringify(row)}) && row.textContent.includes('since'));
      let was = isPaused();
      const look = () => { if (isPaused() !== was) { was = !was; window.shown.push(Date.now()); } };
      new MutationObserver(look).observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true, attributes: true });
    })()`);
    const took = [];
    for (let one = 0; one < ACTS.many; one++) {
      const began = Date.now();
      await post(url, `${of}/${one % 2 === 0 ? 'pause' : 'resume'}`, {});
      const shown = await until('the act to be shown', () => page.evaluate(`window.shown[${one}]`), { timeoutMs: 10_000, everyMs: 20 });
      took.push(Number(shown) - began);
      // As people act: not at once after what they see.
      await delay(ACTS.pauseMs);
    }
    await context.close();
    lines.push({ what: `from an act to its display on ${screen}, p95`, value: percentile(took, 0.95), bar: CHANGES.barMs, unit: 'ms' });
  }
  return lines;
}

/** @param {import('playwright-core').Browser} browser @param {string} url @returns {Promise<Line>} */
async function clicks(browser, url) {
  const { id } = await post(url, '/jobs', { kind: 'debug.fail', payload: { message: 'the bank is closed', retryable: false }, options: {} });
  const job = async () => /** @type {{ state: string, lastEventId: number }} */ (await (await fetch(`${url}/jobs/${id}`)).json());
  await until('the job to fail', async () => (await job()).state === 'failed', { timeoutMs: 30_000 });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${url}/console`);
  const last = (await job()).lastEventId;
  let count = 0;
  for (const target of [
    page.locator('.side').getByRole('link', { name: /^Dead letters/ }),
    page.getByRole('button', { name: /^Redrive/ }).first(),
    page.getByRole('dialog').getByRole('button', { name: /^Redrive/ }),
  ]) {
    await target.click();
    count++;
  }
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await until('the job to be redriven', async () => (await job()).lastEventId > last, { timeoutMs: 10_000 });
  await context.close();
  return { what: 'from Now to a redriven job', value: count, bar: CLICKS, unit: 'clicks' };
}

/** @param {string} databaseUrl @param {number} jobs */
async function fill(databaseUrl, jobs) {
  const text = readFileSync(join(root, 'bench/million/fill.sql'), 'utf8')
    .replaceAll(/^--.*$/gm, '')
    .replace('generate_series(1, 1000000)', `generate_series(1, ${jobs})`);
  await withClient(databaseUrl, async (client) => {
    // One by one: the last of them is not for a transaction.
    for (const statement of text.split(/;\s*\n/)) if (statement.trim() !== '') await client.query(statement);
  });
}

/** From the choice of a filter until its rows are there. @param {import('playwright-core').Browser} browser @param {string} url @param {number} jobs @returns {Promise<Line>} */
async function lists(browser, url, jobs) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${url}/console/jobs?kind=none`);
  await page.getByText('No job fits these filters.').waitFor();
  const took = [];
  for (let round = 0; round < MILLION.rounds; round++)
    for (const filter of FILTERS) {
      // The round is a filter of its own that all jobs fit: nothing comes out of the cache.
      const query = `${filter === '' ? '' : `${filter}&`}createdFrom=200${round}-01-01`;
      took.push(
        Number(
          await page.evaluate(`new Promise((resolve) => {
            const began = performance.now();
            history.pushState({}, '', ${JSON.stringify(`/console/jobs?${query}`)});
            const look = () => {
              const title = document.querySelector('main h1')?.textContent ?? '';
              const isThere = title.includes('200${round}') && !document.body.textContent.includes('Asking for jobs') && document.querySelector('tbody tr, main .empty, .jobs-card');
              if (isThere) resolve(performance.now() - began); else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
          })`),
        ),
      );
    }
  await context.close();
  return {
    what: `the list of ${jobs.toLocaleString('en')} jobs, ${FILTERS.length} filters, p95`,
    value: percentile(took, 0.95),
    bar: MILLION.barMs,
    unit: 'ms',
  };
}

/** @param {number[]} values @param {number} share */
function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}
