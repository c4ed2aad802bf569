import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type App, describeIf, spawnApp, type Stack, startStack } from '../support/index.js';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** Kept to be looked at; git ignores it. */
const SHOTS = join(import.meta.dirname, '../../.longhaul/screenshots');
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };

describeIf(existsSync(CHROMIUM), 'Chromium is not installed')('the console in a browser', () => {
  let stack: Stack;
  let browser: Browser;
  /** What pages have complained of: broken scripts, what the content security policy has refused. */
  let faults: string[];

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    [stack, browser] = await Promise.all([
      startStack({ mode: 'distributed' }),
      chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] }),
    ]);
  });
  beforeEach(() => (faults = []));
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });
  afterAll(async () => {
    await browser.close();
    // The one that a test has started anew.
    if (stack.gateway.isRunning()) await stack.gateway.stop();
    await stack.stop();
  });

  async function open(
    path: string,
    { viewport = WIDE, colorScheme = 'light' }: { viewport?: typeof WIDE; colorScheme?: 'light' | 'dark' } = {},
  ): Promise<Page> {
    const context = await browser.newContext({ viewport, colorScheme });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/net::ERR_|Failed to load resource/.test(message.text())) faults.push(message.text());
    });
    await page.goto(`${stack.api.url}/console${path}`);
    return page;
  }

  async function failed(payload: object, options: object = {}): Promise<string> {
    const id = await stack.api.accepted('debug.fail', payload, options);
    await stack.api.waitForState(id, 'failed');
    return id;
  }

  const badge = (page: Page, state: string) => page.locator('main .badge', { hasText: state });
  const logLines = (page: Page) => page.locator('ol.logs > li');

  test('shows a job that is submitted meanwhile, its progress while it runs, and its result', async () => {
    const page = await open('/jobs?kind=debug.log');
    await page.getByText('No job fits these filters.').waitFor();
    await stack.api.accepted('debug.log', { lines: 30, pauseMs: 100 });
    await page.getByRole('link', { name: 'debug.log' }).first().click();
    await badge(page, 'running').waitFor();
    await page.getByText(/^\d+ of 30/).waitFor();
    await badge(page, 'succeeded').waitFor();
    await page.getByText('Succeeded at').waitFor();
    expect(await logLines(page).count()).toBe(30);
    await page.getByRole('tab', { name: 'Result' }).waitFor();
    expect(await page.getByRole('tabpanel').textContent()).toContain('lines 30');
    expect(faults).toEqual([]);
  });

  test('waits above the list with what has come since, and changes rows in their place', async () => {
    const running = await stack.api.accepted('debug.sleep', { ms: 600_000 });
    const page = await open('/jobs');
    const row = page.getByRole('row').filter({ hasText: running.slice(-6) });
    await row.getByText('running').waitFor();
    await stack.api.accepted('debug.echo', { value: 'later' });
    await page.getByRole('button', { name: '1 new job: show it' }).click();
    await page.getByText('"later"').waitFor();
    await stack.api.call('POST', `/jobs/${running}/cancel`, {});
    await row.getByText('cancelled', { exact: true }).first().waitFor();
    expect(faults).toEqual([]);
  });

  test('puts a failed job back in four clicks from the menu, and shows both of its lives', async () => {
    const id = await failed({ message: 'prices answered HTTP 500', retryable: false });
    const page = await open('/jobs?state=failed');
    await page
      .getByRole('row')
      .filter({ hasText: id.slice(-6) })
      .getByRole('link')
      .click();
    await page.getByText('non_retryable').first().waitFor();
    await page.screenshot({ path: join(SHOTS, 'job-failed.png'), fullPage: true });
    await page.getByRole('button', { name: 'Redrive…' }).click();
    await page.getByText(`longhaul redrive ${id}`).waitFor();
    await page.screenshot({ path: join(SHOTS, 'redrive.png') });
    await page.getByRole('button', { name: 'Redrive it' }).click();
    await page.locator('.wf li', { hasText: 'Settled' }).nth(1).waitFor();
    expect(faults).toEqual([]);
  });

  test('cancels a job with a reason, which it then shows', async () => {
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { delay: '2h' });
    const page = await open(`/jobs/${id}`);
    await page.getByText('It waits for its time').waitFor();
    await page.screenshot({ path: join(SHOTS, 'job-scheduled.png'), fullPage: true });
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await page.getByLabel('Reason').fill('sent twice');
    await page.getByLabel('Your name').fill('anna');
    await page.getByText(`longhaul cancel ${id} --reason 'sent twice' --by anna`).waitFor();
    await page.getByRole('button', { name: 'Cancel it' }).click();
    await badge(page, 'cancelled').waitFor();
    await page.getByText('by anna at').waitFor();
    expect(faults).toEqual([]);
  });

  test('is led by the keyboard alone from any screen to a job and its dialog and back', async () => {
    const id = await failed({ message: 'no', retryable: false });
    const page = await open('/jobs');
    await page.getByRole('heading', { name: 'Jobs' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type(id);
    await page.keyboard.press('Enter');
    await badge(page, 'failed').waitFor();
    const redrive = page.getByRole('button', { name: 'Redrive…' });
    await redrive.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await redrive.and(page.locator(':focus')).waitFor();
    expect(faults).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('has nothing serious for axe, fits 390 px, and is kept as pictures, in %s colours', async (colorScheme) => {
    const job = await failed({ message: 'hooks.acme.example answered HTTP 503' }, { maxAttempts: 1, tags: ['tenant:acme'] });
    const screens = { jobs: '/jobs', job: `/jobs/${job}`, 'no-job': '/jobs/01890000-0000-7000-8000-000000000000', 'no-jobs': '/jobs?tag=nothing-has-it' };
    for (const [name, path] of Object.entries(screens)) {
      for (const viewport of [WIDE, NARROW]) {
        const page = await open(path, { viewport, colorScheme });
        await page.locator('main h1, main h2').first().waitFor();
        await page.waitForLoadState('load');
        await page.screenshot({ path: join(SHOTS, `${name}-${String(viewport.width)}-${colorScheme}.png`), fullPage: true });
        await page.evaluate(axe.source);
        const found = await page.evaluate<{ impact: string; id: string; where: string }[]>(
          `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ impact, id, nodes }) => ({ impact, id, where: nodes[0].html })))`,
        );
        expect([name, viewport.width, found.filter(({ impact }) => impact === 'serious' || impact === 'critical')]).toEqual([name, viewport.width, []]);
        expect([name, await page.evaluate<number>('document.documentElement.scrollWidth')]).toEqual([name, viewport.width]);
        await page.context().close();
      }
    }
    expect(faults).toEqual([]);
  });

  test('has its menu behind a button at 390 px', async () => {
    const page = await open('/jobs', { viewport: NARROW });
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Jobs' }).waitFor();
    await page.screenshot({ path: join(SHOTS, 'menu-390.png') });
    expect(faults).toEqual([]);
  });

  test('connects again when its gateway was killed and is back, and shows each line of a log once', async () => {
    const lines = 120;
    const id = await stack.api.accepted('debug.log', { lines, pauseMs: 100 });
    const page = await open(`/jobs/${id}`);
    await logLines(page).nth(5).waitFor();
    stack.gateway.kill('SIGKILL');
    await stack.gateway.exited;
    await page.getByText('Connecting…').waitFor();
    const again: App = await spawnApp('gateway', { ...stack.env, PORT: new URL(stack.gateway.url).port });
    stack.gateway = again;
    await badge(page, 'succeeded').waitFor();
    await page.getByText(`Show the`).waitFor({ state: 'detached' });
    const texts = await logLines(page).locator('> span').allTextContents();
    expect(texts.map((text) => /line (\d+)/.exec(text)?.[1])).toEqual(Array.from({ length: lines }, (_, index) => String(index + 1)));
  });
});
