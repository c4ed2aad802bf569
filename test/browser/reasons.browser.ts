// Ring 3: npm run proofs runs this file.
import { type Stack, startStack } from '../support/index.js';
import { ConsoleBrowser, describeWithBrowser, shot } from './console.js';

describeWithBrowser('acts that need a reason, in a browser', () => {
  let stack: Stack;
  let pages: ConsoleBrowser;
  beforeAll(async () => {
    [stack, pages] = await Promise.all([startStack({ mode: 'single-process', env: { REQUIRE_REASONS: 'all' } }), ConsoleBrowser.launch()]);
  });
  afterEach(() => pages.reset());
  afterAll(async () => {
    await pages.close();
    await stack.stop();
  });

  const reasonOf = async (action: string): Promise<unknown> =>
    (await stack.api.call<{ items: { detail: { reason?: string } }[] }>('GET', `/audit?action=${action}`)).body.items[0]?.detail.reason;

  test('a dialog without a field for the reason asks for it, says it in the command, and the audit has it', async () => {
    const id = await stack.api.accepted('debug.fail', { message: 'no', retryable: false });
    await stack.api.waitForState(id, 'failed');
    const page = await pages.open(stack.api.url, `/jobs/${id}`);
    await page.getByRole('button', { name: 'Redrive…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Redrive it' }).click();
    expect(await dialog.locator('input:invalid').count()).toBe(1);
    expect(await reasonOf('redriveJob')).toBeUndefined();
    await dialog.getByLabel('Reason').fill('der Fehler ist für immer behoben');
    await dialog.getByText(`longhaul redrive ${id} --note 'der Fehler ist für immer behoben'`).waitFor();
    await shot(page, 'reason-asked');
    await dialog.getByRole('button', { name: 'Redrive it' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await reasonOf('redriveJob')).toBe('der Fehler ist für immer behoben');
    await page.goto(`${stack.api.url}/console/audit`);
    await page.getByRole('button', { name: 'redrive job' }).click();
    await page.getByText('der Fehler ist für immer behoben').first().waitFor();
  });

  test('a dialog that asks for it anyway asks once, and needs it', async () => {
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h' });
    const page = await pages.open(stack.api.url, `/jobs/${id}`);
    await page.getByRole('button', { name: 'Cancel…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').waitFor();
    expect(await dialog.getByLabel('Reason').count()).toBe(1);
    expect(await dialog.getByLabel('Reason').getAttribute('required')).not.toBeNull();
    await dialog.getByLabel('Reason').fill('sent twice');
    await dialog.getByRole('button', { name: 'Cancel it' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await reasonOf('cancelJob')).toBe('sent twice');
  });
});
