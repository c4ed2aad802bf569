// Ring 3: npm run proofs runs this file.
import type { Page } from 'playwright-core';
import { type Stack, startStack, waitFor } from '../support/index.js';
import { type ColorScheme, ConsoleBrowser, describeWithBrowser, shot, type WIDE } from './console.js';

describeWithBrowser('acts on many jobs in the console', () => {
  let stack: Stack;
  let browser: ConsoleBrowser;
  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack({ mode: 'single-process' }), ConsoleBrowser.launch()]);
    await stack.api.call('PUT', '/queues/night', {});
  });
  afterEach(() => browser.reset());
  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  const open = (path: string, options?: { viewport?: typeof WIDE; colorScheme?: ColorScheme }): Promise<Page> => browser.open(stack.api.url, path, options);
  const later = (tag: string) => stack.api.accepted('debug.echo', { value: tag }, { delay: '1h', tags: [tag] });
  const failing = async (tag: string): Promise<string> => {
    const id = await stack.api.accepted('debug.fail', { message: 'the bank is closed', times: 1 }, { maxAttempts: 1, tags: [tag] });
    await stack.api.waitForState(id, 'failed');
    return id;
  };
  const row = (page: Page, index: number) => page.locator('tbody tr:not(.room)').nth(index);
  const box = (page: Page, index: number) => row(page, index).getByRole('checkbox');
  const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).click();
  const states = async (tag: string): Promise<Record<string, number>> => {
    const rows = await stack.query<{ state: string; jobs: number }>(
      `SELECT state, count(*)::integer AS jobs FROM jobs WHERE tags @> ARRAY[$1] GROUP BY state`,
      [tag],
    );
    return Object.fromEntries(rows.map(({ state, jobs }) => [state, jobs]));
  };

  test('failed jobs are chosen by a range, counted by a dry run, redriven, and what was done leads to the audit', async () => {
    for (let job = 0; job < 4; job++) await failing('range');
    const page = await open('/jobs?tag=range');
    await box(page, 0).click();
    await box(page, 2).click({ modifiers: ['Shift'] });
    const bar = page.getByRole('region', { name: 'Selection' });
    await bar.getByText('3 of 4 chosen').waitFor();
    await bar.getByText('3 failed').waitFor();
    expect(await bar.getByRole('button', { name: 'Cancel…' }).isDisabled()).toBe(true);
    await press(page, 'Redrive 3…');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Dry run: 3 jobs match now.').waitFor();
    expect(await dialog.getByRole('list', { name: 'Some of them' }).getByRole('listitem').count()).toBe(3);
    await dialog.getByLabel('Reason').fill('the bank is open');
    await shot(page, 'act-redrive');
    await press(page, 'Redrive 3');
    await page.getByText('3 jobs put back.').waitFor();
    expect(await stack.query(`SELECT FROM jobs WHERE tags @> ARRAY['range'] AND redrives = 1`)).toHaveLength(3);
    await page.getByRole('link', { name: 'In the audit' }).click();
    await page.getByText('the bank is open').first().waitFor();
    expect(browser.faults).toEqual([]);
  });

  test('jobs are chosen and cancelled by the keyboard alone, and the others stay', async () => {
    for (let job = 0; job < 4; job++) await later('keys');
    const page = await open('/jobs?tag=keys');
    await box(page, 0).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+Space');
    await page.getByText('3 of 4 chosen').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Selection' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Space');
    await page.getByText('1 of 4 chosen').waitFor();
    await page.getByRole('button', { name: 'Cancel 1…' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Dry run: 1 job matches now.').waitFor();
    await page.getByRole('button', { name: 'Cancel 1', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('1 job cancelled or asked to stop.').waitFor();
    expect(await states('keys')).toEqual({ cancelled: 1, scheduled: 3 });
    expect(browser.faults).toEqual([]);
  });

  test('all that match are given another priority, and moved to another queue, which has to be declared', async () => {
    for (let job = 0; job < 30; job++) await later('all');
    const page = await open('/jobs?tag=all');
    await press(page, 'Act on all that match');
    await page.getByRole('menuitem', { name: 'Give them another priority…' }).click();
    await page.getByText('Dry run: 30 jobs match now.').waitFor();
    await page.getByText('and 25 more').waitFor();
    await page.getByLabel('New priority').selectOption('7');
    await page.getByText('longhaul reprioritise 7 --tag all').waitFor();
    await press(page, 'Give 30 another priority');
    await page.getByText('30 jobs with the new priority.').waitFor();
    expect(await stack.query(`SELECT DISTINCT priority FROM jobs WHERE tags @> ARRAY['all']`)).toEqual([{ priority: 7 }]);

    await press(page, 'Act on all that match');
    await page.getByRole('menuitem', { name: 'Move them to another queue…' }).click();
    await page.getByLabel('New queue').fill('nowhere');
    await page.getByRole('dialog').getByRole('alert').getByText('/queue').waitFor();
    await page.getByLabel('New queue').fill('night');
    await page.getByText('Dry run: 30 jobs match now.').waitFor();
    await page.getByText('longhaul move night --tag all').waitFor();
    await press(page, 'Move 30 to another queue');
    await page.getByText('30 jobs moved.').waitFor();
    expect(await stack.query(`SELECT DISTINCT queue FROM jobs WHERE tags @> ARRAY['all']`)).toEqual([{ queue: 'night' }]);
    expect(browser.faults).toEqual([]);
  });

  test('an act that takes its time says how far it is, also to another person with the same link, and is cancelled by its job', async () => {
    for (let job = 0; job < 30; job++) await later('slow');
    const page = await open('/jobs?state=scheduled&tag=slow');
    await press(page, 'Act on all that match');
    await page.getByRole('menuitem', { name: 'Cancel them…' }).click();
    await page.getByText('Dry run: 30 jobs match now.').waitFor();
    await page.getByLabel('At most so many a second').fill('1');
    await page.getByText('longhaul cancel --state scheduled --tag slow --rate 1').waitFor();
    await press(page, 'Cancel 30');
    await page.getByText('Cancelling…').waitFor();
    const other = await browser.openPage(page.url());
    await other.getByText(/^Cancelling… [1-9]/).waitFor();
    await other.getByRole('link', { name: 'Its job, where it can be cancelled' }).click();
    await press(other, 'Cancel…');
    await press(other, 'Ask it to stop');
    await page.getByText('It was cancelled').waitFor();
    expect((await states('slow'))['scheduled']).toBeGreaterThan(0);
    expect(browser.faults).toEqual([]);
  });

  test('the letters of chosen jobs are put away, and of what cannot be done the dry run says why', async () => {
    await failing('mixed');
    await later('mixed');
    const page = await open('/jobs?tag=mixed');
    await page.getByRole('checkbox', { name: 'Choose all that are shown' }).click();
    await page.getByText('2 of 2 chosen').waitFor();
    await press(page, 'Put away 1…');
    await page.getByText('Dry run: 1 job matches now. The other one stays as it is: it is not failed, or put away already.').waitFor();
    await press(page, 'Put 1 away');
    await page.getByText('1 job put away.').waitFor();
    await waitFor('the letter to be away', async () => (await stack.query(`SELECT FROM dead_letters WHERE discarded_at IS NOT NULL`)).length === 1);
    expect(await states('mixed')).toEqual({ failed: 1, scheduled: 1 });
    expect(browser.faults).toEqual([]);
  });

  test('jobs are found by a part of their error, which stands in the address', async () => {
    await failing('found');
    const page = await open('/jobs');
    await press(page, 'Filter');
    await page.getByRole('menuitem', { name: 'Error…' }).click();
    await page.keyboard.type('BANK IS');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Jobs with “BANK IS” in the error' }).waitFor();
    expect(new URL(page.url()).searchParams.get('error')).toBe('BANK IS');
    await row(page, 0).getByText('the bank is closed').waitFor();
    expect(browser.faults).toEqual([]);
  });

  test.each(['light', 'dark'] as const)(
    'a selection and its dialog fit 390 px, have nothing serious for axe, and are kept as pictures, in %s colours',
    async (colorScheme) => {
      for (let job = 0; job < 2; job++) await later(`look-${colorScheme}`);
      await failing(`look-${colorScheme}`);
      const choose = async (page: Page): Promise<void> => {
        await box(page, 0).click();
        await box(page, 1).click();
        await page.getByText('2 of 3 chosen').waitFor();
      };
      const screens = {
        'jobs-chosen': { path: `/jobs?tag=look-${colorScheme}`, ready: choose },
        'jobs-act': {
          path: `/jobs?tag=look-${colorScheme}`,
          ready: async (page: Page) => {
            await choose(page);
            await press(page, 'Cancel 1…');
            await page.getByText('Dry run: 1 job').waitFor();
          },
        },
      };
      expect(await browser.lookAt(stack.api.url, screens, colorScheme, false)).toEqual([]);
      expect(browser.faults).toEqual([]);
    },
  );
});
