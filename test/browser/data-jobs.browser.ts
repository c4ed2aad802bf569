// Ring 2: .ci/run runs this file.
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { type Stack, startStack, waitFor } from '../support/index.js';
import { ConsoleBrowser, describeWithBrowser, NARROW, seriousFaults, shot, WIDE } from './console.js';

/** Two years of days. The temperature of two of them is no number. */
const DAYS = Array.from({ length: 730 }, (_, day) => {
  const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
  return `${date},${day === 40 || day === 400 ? '"mild, ""they say"""' : (10 + 8 * Math.sin(day / 58)).toFixed(1)},${['sun', 'rain', 'fog'][day % 3] ?? ''}`;
});
const CSV = `date,temp_max,weather\n${DAYS.join('\n')}\n`;

describeWithBrowser('from a CSV file to a report, in the console', () => {
  let stack: Stack;
  let browser: ConsoleBrowser;
  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack({ mode: 'distributed' }), ConsoleBrowser.launch()]);
  });
  afterEach(() => browser.reset());
  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  const look = async (page: Page, name: string): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const viewport of [WIDE, NARROW]) {
        await page.setViewportSize(viewport);
        await shot(page, `${name}-${String(viewport.width)}-${colorScheme}`, true);
        expect([name, viewport.width, await seriousFaults(page)]).toEqual([name, viewport.width, []]);
        expect([name, await page.evaluate<number>('document.documentElement.scrollWidth')]).toEqual([name, viewport.width]);
      }
    }
    await page.setViewportSize(WIDE);
  };
  const sent = async (page: Page, kind: string): Promise<void> => {
    await page.getByText('It fits the schema.').waitFor();
    await page.getByRole('button', { name: `Submit ${kind}` }).click();
    await page.getByRole('link', { name: /Go to job/ }).click();
    await page.locator('main .badge', { hasText: 'succeeded' }).waitFor();
  };

  test('a file is dropped, imported, its bad rows are seen, and a report of its columns is opened as page and PDF and downloaded as CSV', async () => {
    const page = await browser.open(stack.api.url, '/submit?kind=csv.import');
    await page.getByLabel('File for fileId').setInputFiles({ name: 'seattle.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) });
    await page.locator('.drop').getByText('seattle.csv').waitFor();
    await page.getByLabel(/^table/).fill('seattle');
    await page.getByText(/^More: encoding, delimiter/).click();
    await page.getByRole('button', { name: 'Add to columns' }).click();
    await page.getByLabel(/^name/).fill('temp_max');
    await page.getByLabel(/^type/).selectOption('double');
    await look(page, 'data-upload');
    await sent(page, 'csv.import');

    await page.getByRole('heading', { name: '728 rows in table seattle' }).waitFor();
    await page.getByText('2 bad rows left out').waitFor();
    await page.getByRole('button', { name: 'Show rows' }).click();
    const bad = page.getByRole('region', { name: /^First rows of/ });
    await bad.getByText('mild, "they say"').first().waitFor();
    await page.getByText('All 2 rows').waitFor();
    await look(page, 'data-imported');

    await page.getByRole('link', { name: 'Build a report…' }).click();
    await page.getByText('The form begins with a report on table seattle').waitFor();
    expect(await page.getByLabel(/^dateColumn/).inputValue()).toBe('date');
    expect(await page.getByLabel(/^column/).inputValue()).toBe('temp_max');
    await page.getByLabel(/^title/).fill('Seattle by month');
    await look(page, 'data-report-form');
    await sent(page, 'report.aggregate');
    await page.getByText('3 files').waitFor();
    await waitFor('the three files to be named', async () => (await page.getByRole('link', { name: 'Open' }).count()) === 2);
    await look(page, 'data-report');

    const row = (ending: string) => page.getByRole('listitem').filter({ hasText: ending });
    const [chart] = await Promise.all([page.context().waitForEvent('page'), row('.html').getByRole('link', { name: 'Open' }).click()]);
    await chart.getByText('Seattle by month').first().waitFor();
    await chart.locator('svg').first().waitFor();
    await shot(chart, 'data-chart', true);
    const pdf = (await row('.pdf').getByRole('link', { name: 'Open' }).getAttribute('href')) ?? '';
    const answer = await fetch(stack.api.url + pdf);
    expect([answer.headers.get('content-type'), (await answer.text()).slice(0, 5)]).toEqual(['application/pdf', '%PDF-']);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      row('.csv')
        .getByRole('link', { name: /^Download/ })
        .click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    expect(text.trim().split('\n')).toHaveLength(25);
    expect(browser.faults).toEqual([]);
  });

  test('an upload that the gateway does not take says why, and leaves the field as it was', async () => {
    const page = await browser.open(stack.api.url, '/submit?kind=csv.import');
    await page.route('**/files?name=*', (route) =>
      route.fulfill({
        status: 429,
        contentType: 'application/problem+json',
        body: JSON.stringify({ title: 'Over a quota', detail: 'no room for another file', status: 429 }),
      }),
    );
    await page.getByLabel('File for fileId').setInputFiles({ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('a\n1\n') });
    await page.getByText('no room for another file').waitFor();
    expect(await page.getByLabel(/^fileId/).inputValue()).toBe('');
    expect(browser.faults).toEqual([]);
  });
});
