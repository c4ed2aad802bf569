// Ring 3: npm run proofs runs this file.
import type { Page } from 'playwright-core';
import { newKey, type Stack, startStack } from '../support/index.js';
import { ConsoleBrowser, describeWithBrowser, fitsItsDialog, NARROW, seriousFaults, shot, WIDE } from './console.js';

describeWithBrowser('quotas in the console', () => {
  let stack: Stack;
  let browser: ConsoleBrowser;
  let admin: string;
  let ofAcme: string;
  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack({ mode: 'single-process', env: { AUTH: 'on', TENANT_UPLOADS: '4' } }), ConsoleBrowser.launch()]);
    admin = await makeKey('--name', 'Ada', '--admin');
    ofAcme = await makeKey('--name', 'Bob', '--tenant', 'acme', '--scope', 'jobs:read', '--scope', 'jobs:submit', '--scope', 'events:read');
  });
  afterEach(() => browser.reset());
  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  const makeKey = (...options: string[]) => newKey(stack.env, ...options);
  const signedIn = async (key: string, path: string): Promise<Page> => {
    const page = await browser.open(stack.api.url, path);
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('region', { name: 'Quotas' }).waitFor();
    return page;
  };
  const later = (key: string) => stack.api.submit('debug.echo', { value: 1 }, { delay: '1h' }, { authorization: `Bearer ${key}` }).then(({ status }) => status);

  test('are shown with what is used of them, set with what the API says of each field, and taken away again', async () => {
    for (let job = 0; job < 5; job++) expect(await later(ofAcme)).toBe(202);
    const page = await signedIn(admin, '/settings?tenant=acme');
    const row = (name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) });
    await row('Jobs that have not ended').getByText('no bound').waitFor();
    await row('Uploads at once').getByText('for all').waitFor();
    await page.getByRole('button', { name: 'Set…', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('5 now, no bound for all').waitFor();
    await dialog.getByLabel('Jobs that have not ended').fill('some');
    await dialog.getByRole('button', { name: 'Set the quotas of acme' }).click();
    await dialog.getByText('/unfinishedJobs').waitFor();
    await dialog.getByLabel('Jobs that have not ended').fill('6');
    await dialog.getByLabel('Stored files, in bytes').fill('2500000');
    await dialog.getByText('longhaul tenants set acme --unfinished-jobs 6 --file-bytes 2500000').waitFor();
    await shot(page, 'quotas-form');
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Set the quotas of acme' }).click();
    await row('Jobs that have not ended').getByText('83 %').waitFor();
    await row('Stored files').getByText('2.5 MB').waitFor();
    expect(await later(ofAcme)).toBe(202);
    await row('Jobs that have not ended').getByText('full').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const viewport of [WIDE, NARROW]) {
        await page.setViewportSize(viewport);
        await shot(page, `quotas-${String(viewport.width)}-${colorScheme}`, true);
        expect(await seriousFaults(page)).toEqual([]);
        expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(viewport.width);
      }
    }
    await page.getByRole('button', { name: 'Set…', exact: true }).click();
    expect(await fitsItsDialog(page)).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'As for all…' }).click();
    await page.getByText('longhaul tenants reset acme').waitFor();
    await page.getByRole('button', { name: 'Take away what is set for acme' }).click();
    await row('Jobs that have not ended').getByText('no bound').waitFor();
    expect(browser.faults).toEqual([]);
  });

  test('of another tenant stand in the address, and a key of one tenant sees its own alone and sets none', async () => {
    const page = await signedIn(admin, '/settings');
    await stack.api.call('PUT', '/tenants/acme/quotas', { streams: 3 }, { authorization: `Bearer ${admin}` });
    await page.reload();
    await page.getByLabel('Tenant', { exact: true }).selectOption('acme');
    await page.waitForURL(/tenant=acme/);
    await page.getByText('what acme may have, and has').waitFor();
    const bob = await signedIn(ofAcme, '/settings?tenant=default');
    await bob.getByText('what acme may have, and has').waitFor();
    await bob
      .getByRole('row', { name: /^Streams of events/ })
      .getByText('for this tenant')
      .waitFor();
    expect(await bob.getByRole('button', { name: 'Set…' }).count()).toBe(0);
    expect(await bob.getByRole('button', { name: 'Key…' }).count()).toBe(0);
    expect(await bob.getByRole('alert').count()).toBe(0);
    expect(browser.faults).toEqual([]);
  });
});
