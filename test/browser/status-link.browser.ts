// Ring 3: npm run proofs runs this file.
import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { newKey, type Stack, startStack } from '../support/index.js';
import { ConsoleBrowser, describeWithBrowser, fitsItsDialog, NARROW, seriousFaults, shot, WIDE } from './console.js';

describeWithBrowser('a link for the one who waits, made in the console', () => {
  let stack: Stack;
  let browser: ConsoleBrowser;
  beforeAll(async () => {
    const env = { AUTH: 'on', LONGHAUL_SECRET_KEYS: `a:${randomBytes(32).toString('base64')}` };
    [stack, browser] = await Promise.all([startStack({ mode: 'single-process', env }), ConsoleBrowser.launch()]);
  });
  afterEach(() => browser.reset());
  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  const makeKey = (...scopes: string[]) =>
    newKey(stack.env, '--name', 'Ada', ...scopes.flatMap((scope) => (scope === 'admin' ? ['--admin'] : ['--scope', scope])));
  const signedIn = async (key: string, path: string): Promise<Page> => {
    const page = await browser.open(stack.api.url, path);
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'debug.echo' }).waitFor();
    return page;
  };
  const done = async (key: string): Promise<string> =>
    (await stack.api.submit('debug.echo', { value: 'for the customer' }, undefined, { authorization: `Bearer ${key}`, prefer: 'wait=30' })).body.id;
  const button = (page: Page) => page.getByRole('button', { name: 'Make a link for the one who waits…' });

  test('says what its page shows, is copied, and opens for somebody without a key', async () => {
    const key = await makeKey('admin');
    const page = await signedIn(key, `/jobs/${await done(key)}`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await button(page).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('What its reader calls the job').fill('Your list for January');
    await dialog.getByLabel('It ends').selectOption('in a day');
    await dialog.getByLabel('its result, as JSON').check();
    await dialog.getByText(/longhaul link \S+ --title 'Your list for January' --shows result --until \S+ --timezone/).waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const viewport of [WIDE, NARROW]) {
        await page.setViewportSize(viewport);
        await shot(page, `link-form-${String(viewport.width)}-${colorScheme}`);
        expect(await seriousFaults(page)).toEqual([]);
        expect(await fitsItsDialog(page)).toBe(true);
      }
    }
    await page.setViewportSize(WIDE);
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    await dialog.getByText('and can download the result.').waitFor();
    await shot(page, 'link-made');
    await dialog.getByRole('button', { name: 'Copy the link' }).click();
    await dialog.getByText('copied').waitFor({ state: 'attached' });
    const url = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(url.startsWith(`${stack.api.url}/p/`)).toBe(true);
    const reader = await browser.openPage(url);
    await reader.getByText('Your list for January').waitFor();
    await reader.getByRole('heading', { name: 'Ready' }).waitFor();
    const [download] = await Promise.all([reader.waitForEvent('download'), reader.getByRole('link', { name: /^Download Result/ }).click()]);
    expect(download.suggestedFilename()).toBe('result.json');
    expect(browser.faults).toEqual([]);
  });

  test('is offered to those alone who may make one, and gives away only what they may see', async () => {
    const id = await done(await makeKey('admin'));
    const looks = await signedIn(await makeKey('jobs:read', 'events:read'), `/jobs/${id}`);
    await looks.getByText('Your key does not show').first().waitFor();
    expect(await button(looks).count()).toBe(0);
    const shares = await signedIn(await makeKey('jobs:read', 'events:read', 'jobs:share'), `/jobs/${id}`);
    await button(shares).click();
    await shares.getByRole('dialog').getByLabel('It ends').waitFor();
    expect(await shares.getByRole('dialog').getByRole('checkbox').count()).toBe(0);
    expect(browser.faults).toEqual([]);
  });
});
