import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { canary, type Stack, startStack, tablesWith } from '../support/index.js';
import { ConsoleBrowser, describeWithBrowser, shot } from './console.js';

/** The console notices nothing of it. */
const ENCRYPTED = { ENCRYPT_PAYLOADS: 'all', LONGHAUL_SECRET_KEYS: `first:${randomBytes(32).toString('base64')}` };

describeWithBrowser('the submission by a form in a browser', () => {
  let stack: Stack;
  let pages: ConsoleBrowser;

  beforeAll(async () => {
    [stack, pages] = await Promise.all([startStack({ mode: 'distributed', env: ENCRYPTED }), ConsoleBrowser.launch()]);
  });
  afterEach(() => pages.reset());
  afterAll(async () => {
    await pages.close();
    await stack.stop();
  });

  test('makes a job of what is filled in, says what it would meet, and leads to its result', async () => {
    const page = await pages.open(stack.api.url, '/submit');
    await page.getByLabel('Kind', { exact: true }).selectOption('debug.sleep');
    expect(page.url()).toContain('kind=debug.sleep');
    await page.getByLabel(/^ms/).fill('soon');
    await page.getByRole('button', { name: 'Submit debug.sleep' }).click();
    await page.locator('.field .h.bad').first().waitFor();
    await page.getByLabel(/^ms/).and(page.locator(':focus')).fill('20');
    await page.getByText('It fits the schema.').waitFor();
    await page.getByLabel('Idempotency key').fill('from-the-form');
    await page.getByText("-H 'idempotency-key: from-the-form'").waitFor();
    await page.getByText('a dry run, which changes nothing').waitFor();
    await page.getByRole('button', { name: 'Submit debug.sleep' }).click();
    await page.getByText('Accepted and stored.').waitFor();
    await page.getByText('a submission would be answered with that job').waitFor();
    await page.getByRole('button', { name: 'Submit debug.sleep' }).click();
    await page.getByText('Its key had made a job already').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('main .badge', { hasText: 'succeeded' }).waitFor();
    await page.getByRole('tab', { name: 'Result' }).waitFor();
    expect(pages.faults).toEqual([]);
  });

  test('shows what is encrypted in the database on the page of the job: its payload, and its result as it comes and as it was', async () => {
    const value = canary();
    const page = await pages.open(stack.api.url, '/submit?kind=debug.echo');
    await page.getByRole('textbox', { name: 'The payload as JSON' }).fill(JSON.stringify({ value }));
    // Its page is open before its result comes, by an event.
    await page.getByLabel('Delay').fill('3s');
    await page.getByText('It waits for its time').waitFor();
    await page.getByRole('button', { name: 'Submit debug.echo' }).click();
    await page.getByRole('link', { name: /Go to job/ }).click();
    await page.locator('main .badge', { hasText: 'succeeded' }).waitFor();
    const shown = () => page.getByRole('tabpanel').textContent();
    expect(await shown()).toContain(value);
    await page.reload();
    await page.getByRole('tab', { name: 'Result' }).waitFor();
    expect(await shown()).toContain(value);
    await page.getByRole('tab', { name: 'Payload' }).click();
    expect(await shown()).toContain(value);
    expect(await tablesWith(stack, value)).toEqual([]);
    expect(pages.faults).toEqual([]);
  });

  test('keeps the form and its JSON the same, whichever is written, with numbers as they are', async () => {
    const page = await pages.open(stack.api.url, '/submit?kind=report.aggregate');
    const json = page.getByRole('textbox', { name: 'The payload as JSON' });
    await page.getByLabel(/^table/).fill('demo_weather');
    await page.getByRole('button', { name: 'Add to measures' }).click();
    await page.getByLabel(/^column/).fill('temp_max');
    await page.getByLabel('mean').check();
    expect(JSON.parse(await json.inputValue())).toMatchObject({ table: 'demo_weather', measures: [{ column: 'temp_max', functions: ['mean'] }] });
    await json.fill('{"table":"Not a table","period":"monthly","measures":[{"column":"a","functions":["sum","p95"]}],"format":["csv"]}');
    await page.getByText('must be one of').first().waitFor();
    expect(await page.getByLabel('p95').isChecked()).toBe(true);
    expect(await page.getByLabel(/^column/).inputValue()).toBe('a');
    await json.fill('{"table":');
    await page.getByText('This is no JSON yet').waitFor();
    expect(await page.getByLabel(/^column/).inputValue()).toBe('a');
    await page.goto(`${stack.api.url}/console/submit?kind=debug.echo`);
    await page.getByRole('textbox', { name: 'The payload as JSON' }).fill('{"value": 12345678901234567890}');
    // Its page is open before its result comes, by an event.
    await page.getByLabel('Delay').fill('3s');
    await page.getByText('It waits for its time').waitFor();
    await page.getByRole('button', { name: 'Submit debug.echo' }).click();
    await page.getByRole('link', { name: /Go to job/ }).click();
    await page.locator('main .badge', { hasText: 'succeeded' }).waitFor();
    expect(await page.getByRole('tabpanel').textContent()).toContain('12345678901234567890');
    expect(pages.faults).toEqual([]);
  });

  test('marks an option that the gateway refuses', async () => {
    const page = await pages.open(stack.api.url, '/submit?kind=debug.echo');
    await page.getByLabel('Priority').fill('eleven');
    await page.locator('.field .h.bad').first().waitFor();
    await page.getByLabel('Priority').fill('3');
    await page.getByLabel('Delay').fill('1h');
    await page.getByRole('textbox', { name: 'The payload as JSON' }).fill('{"value": 1}');
    await page.getByText('It waits for its time').waitFor();
    await page.getByText('More: tags, who is told, timeouts').click();
    await page.getByLabel('Webhook').fill('not a URL');
    await page.locator('.more-options .h.bad').first().waitFor();
    await page.getByLabel('Webhook').fill('');
    await page.getByLabel('Attempts').fill('7');
    await page.getByLabel('Tags').fill('customer-17, nightly');
    await page
      .getByText(/"tags":\s*\[\s*"customer-17",\s*"nightly"/)
      .first()
      .waitFor();
    await shot(page, 'submit-more', true);
    await page.getByRole('button', { name: 'Submit debug.echo' }).click();
    await page.getByRole('link', { name: /Go to job/ }).click();
    await page.getByText('customer-17').first().waitFor();
    expect(pages.faults).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('has nothing serious for axe, fits 390 px, and is kept as pictures, in %s colours', async (colorScheme) => {
    const refused = async (page: Page): Promise<void> => {
      await page.getByLabel(/^table/).fill('demo_weather');
      await page.getByRole('button', { name: 'Add to measures' }).click();
      await page.getByLabel(/^column/).fill('temp_max');
      await page.getByRole('button', { name: 'Submit report.aggregate' }).click();
      await page.locator('.field .h.bad').first().waitFor();
      await page.evaluate('scrollTo(0, 0)');
    };
    const fits = async (page: Page): Promise<void> => {
      await page.getByRole('textbox', { name: 'The payload as JSON' }).fill('{"value": [1, "two"]}');
      await page.getByText('What it would do').waitFor();
    };
    const screens = { submit: { path: '/submit?kind=report.aggregate', ready: refused }, 'submit-fits': { path: '/submit?kind=debug.echo', ready: fits } };
    expect(await pages.lookAt(stack.api.url, screens, colorScheme)).toEqual([]);
    expect(pages.faults).toEqual([]);
  });
});
