// Ring 3: npm run proofs runs this file.
import type { Page } from 'playwright-core';
import { type App, spawnApp, type Stack, startStack } from '../support/index.js';
import { type ColorScheme, ConsoleBrowser, describeWithBrowser, NARROW, shot, type WIDE } from './console.js';

describeWithBrowser('the console in a browser', () => {
  let stack: Stack;
  let browser: ConsoleBrowser;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack({ mode: 'distributed' }), ConsoleBrowser.launch()]);
  });
  afterEach(() => browser.reset());
  afterAll(async () => {
    await browser.close();
    // The one that a test has started anew.
    if (stack.gateway.isRunning()) await stack.gateway.stop();
    await stack.stop();
  });

  const open = (path: string, options?: { viewport?: typeof WIDE; colorScheme?: ColorScheme }): Promise<Page> => browser.open(stack.api.url, path, options);

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
    expect(browser.faults).toEqual([]);
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
    expect(browser.faults).toEqual([]);
  });

  test('puts a failed job back in four clicks from the menu, and shows both of its lives', async () => {
    const id = await failed({ message: 'prices answered HTTP 500', retryable: false });
    const page = await open('/jobs?state=failed');
    await page
      .getByRole('row')
      .filter({ hasText: id.slice(-6) })
      .getByRole('link')
      .click();
    await page.getByText('non retryable').first().waitFor();
    await shot(page, 'job-failed', true);
    await page.getByRole('button', { name: 'Redrive…' }).click();
    await page.getByText(`longhaul redrive ${id}`).waitFor();
    await shot(page, 'redrive');
    await page.getByRole('button', { name: 'Redrive it' }).click();
    await page.locator('.wf li', { hasText: 'Settled' }).nth(1).waitFor();
    expect(browser.faults).toEqual([]);
  });

  test('cancels a job with a reason, which it then shows', async () => {
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { delay: '2h' });
    const page = await open(`/jobs/${id}`);
    await page.getByText('It waits for its time').waitFor();
    await shot(page, 'job-scheduled', true);
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await page.getByLabel('Reason').fill('sent twice');
    await page.getByLabel('Your name').fill('anna');
    await page.getByText(`longhaul cancel ${id} --reason 'sent twice' --by anna`).waitFor();
    await page.getByRole('button', { name: 'Cancel it' }).click();
    await badge(page, 'cancelled').waitFor();
    await page.getByText('by anna at').waitFor();
    expect(browser.faults).toEqual([]);
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
    expect(browser.faults).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('has nothing serious for axe, fits 390 px, and is kept as pictures, in %s colours', async (colorScheme) => {
    const job = await failed({ message: 'hooks.acme.example answered HTTP 503' }, { maxAttempts: 1, tags: ['tenant:acme'] });
    const screens = {
      jobs: { path: '/jobs' },
      job: { path: `/jobs/${job}` },
      'no-job': { path: '/jobs/01890000-0000-7000-8000-000000000000' },
      'no-jobs': { path: '/jobs?tag=nothing-has-it' },
    };
    expect(await browser.lookAt(stack.api.url, screens, colorScheme)).toEqual([]);
    expect(browser.faults).toEqual([]);
  });

  test('shows on Now what is not well since when, with what to do and the screen that shows it, as it opens and ends', async () => {
    const page = await open('/');
    await page.getByRole('heading', { name: 'In the course of time' }).waitFor();
    expect(await page.getByRole('heading', { name: 'Open alerts' }).count()).toBe(0);
    await openAlerts();
    const alerts = page.locator('section.card').filter({ hasText: 'Open alerts' });
    await alerts.getByText('12 jobs of queue reports wait for a worker, the oldest for 45 s: none takes this queue.').waitFor();
    await alerts.getByText('Start a worker whose WORKER_QUEUES is empty or names the queue').waitFor();
    await alerts.getByText('Nobody is told of them.').waitFor();
    await alerts.getByRole('link', { name: 'Look at the dead letters' }).click();
    await page.getByText('debug.fail').first().waitFor();
    expect(page.url()).toContain('kind=debug.fail');
    await page.goBack();
    await alerts.waitFor();
    await stack.query('DELETE FROM alerts');
    await alerts.waitFor({ state: 'detached' });
    expect(browser.faults).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('shows alerts with nothing serious for axe, at 390 px, too, and keeps pictures, in %s colours', async (colorScheme) => {
    await openAlerts();
    const screens = { alerts: { path: '/', ready: (page: Page) => page.getByRole('heading', { name: 'Open alerts' }).waitFor() } };
    expect(await browser.lookAt(stack.api.url, screens, colorScheme)).toEqual([]);
    await stack.query('DELETE FROM alerts');
    expect(browser.faults).toEqual([]);
  });

  /** As a gateway has found them. */
  const openAlerts = () =>
    stack.query(
      `INSERT INTO alerts (id, rule, level, message, fix, link, opened_at, told_at)
       SELECT i.id::uuid, i.rule, i.level, i.message, i.fix, i.link, now() - interval '7 minutes', now() FROM (VALUES
         ('01890000-0000-7000-8000-000000000001', 'no_worker', 'error', '12 jobs of queue reports wait for a worker, the oldest for 45 s: none takes this queue.',
          'Start a worker whose WORKER_QUEUES is empty or names the queue, or assign the queue to one that runs: longhaul workers assign', '/workers'),
         ('01890000-0000-7000-8000-000000000002', 'schedule_failing', 'warning', 'Schedule nightly-report is paused: 7 of its jobs have failed.',
          'Look at its last jobs, mend what is wrong, and resume it: \`longhaul schedules resume\` with its id', '/schedules/nightly-report'),
         ('01890000-0000-7000-8000-000000000003', 'new_failures', 'warning', '3 jobs of debug.fail have failed for good in the last hour: the bank is closed.',
          'Look at them', '/dead-letters?source=job&kind=debug.fail')) AS i (id, rule, level, message, fix, link)
       ON CONFLICT DO NOTHING`,
    );

  test('has its menu behind a button at 390 px', async () => {
    const page = await open('/jobs', { viewport: NARROW });
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Jobs' }).waitFor();
    await shot(page, 'menu-390');
    expect(browser.faults).toEqual([]);
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
