// Ring 2: .ci/run runs this file.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Stack, startStack } from '../support/index.js';
import { ConsoleBrowser, describeWithBrowser, shot } from './console.js';

const CLI = join(import.meta.dirname, '../../dist/apps/cli/src/main.js');

describeWithBrowser('the audit and what a key may do, in a browser', () => {
  let stack: Stack;
  let pages: ConsoleBrowser;
  let admin: Record<string, string>;
  let adminKey: string;

  beforeAll(async () => {
    [stack, pages] = await Promise.all([startStack({ mode: 'single-process', env: { AUTH: 'on' } }), ConsoleBrowser.launch()]);
    adminKey = keyWith('--admin');
    admin = { authorization: `Bearer ${adminKey}` };
  });
  afterEach(() => pages.reset());
  afterAll(async () => {
    await pages.close();
    await stack.stop();
  });

  function keyWith(...rights: string[]): string {
    const made = spawnSync(process.execPath, [CLI, 'keys', 'create', '--name', 'Ada', ...rights], { env: { PATH: process.env['PATH'], ...stack.env } });
    return made.stdout.toString().trim();
  }

  async function signedIn(path: string, key: string, look: Parameters<ConsoleBrowser['open']>[2] = {}): Promise<Page> {
    const page = await pages.open(stack.api.url, path, look);
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('API key').waitFor({ state: 'detached' });
    return page;
  }

  async function failed(): Promise<string> {
    const { body } = await stack.api.submit('debug.fail', { message: 'no', retryable: false }, {}, admin);
    const page = await signedIn(`/jobs/${body.id}`, adminKey);
    await page.locator('main .badge', { hasText: 'failed' }).waitFor();
    await page.context().close();
    return body.id;
  }

  test('shows an act with who did it, and what was before and after', async () => {
    await stack.api.call('PUT', '/limits/partner', { concurrency: 2, match: { kind: 'debug.sleep' } }, admin);
    await stack.api.call('PUT', '/limits/partner', { concurrency: 5, match: { kind: 'debug.sleep' } }, admin);
    await stack.api.call('POST', '/queues/default/pause', { reason: 'the bank is closed', by: 'anna' }, admin);
    await stack.api.call('POST', '/queues/default/resume', {}, admin);
    const page = await signedIn('/audit', adminKey);
    await page.getByRole('button', { name: 'pause queue' }).click();
    await page.getByText('What was asked').waitFor();
    await page.getByText('"the bank is closed"').first().waitFor();
    expect(page.url()).toContain('entry=');
    await page.getByRole('button', { name: 'put limit' }).first().click();
    await page.getByRole('region', { name: 'What changed' }).locator('.add').first().waitFor();
    await shot(page, 'audit-entry', true);
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('menuitem', { name: 'Act…' }).click();
    await page.keyboard.type('resumeQueue');
    await page.keyboard.press('Enter');
    await page.getByText('1 act shown').waitFor();
    expect(page.url()).toContain('action=resumeQueue');
    expect(pages.faults).toEqual([]);
  });

  test('a cancelled job of the console is in it', async () => {
    const { body } = await stack.api.submit('debug.echo', { value: 1 }, { delay: '2h' }, admin);
    const page = await signedIn(`/jobs/${body.id}`, adminKey);
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await page.getByLabel('Reason').fill('sent twice');
    await page.getByRole('button', { name: 'Cancel it' }).click();
    await page.locator('main .badge', { hasText: 'cancelled' }).waitFor();
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('button', { name: 'cancel job' }).first().click();
    await page.getByText('"sent twice"').first().waitFor();
    expect(pages.faults).toEqual([]);
  });

  test('a key that only looks is offered no deeds, no screens beyond its scopes, and no payloads', async () => {
    const id = await failed();
    const viewer = keyWith('--scope', 'jobs:read', '--scope', 'dead-letters:read', '--scope', 'queues:read', '--scope', 'events:read');
    const page = await signedIn(`/jobs/${id}`, viewer);
    await page.locator('main .badge', { hasText: 'failed' }).waitFor();
    await page.getByRole('link', { name: 'Dead letters' }).waitFor();
    expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Submit' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /Redrive|Cancel/ }).count()).toBe(0);
    await page.getByRole('tab', { name: 'Payload' }).click();
    await page.getByText('Your key does not show the payload').waitFor();
    await page.getByRole('link', { name: 'Dead letters' }).click();
    await page.getByRole('heading', { name: /dead letter/ }).waitFor();
    await page.getByRole('tab', { name: 'Payload' }).click();
    await page.getByText('Your key does not show the payload').waitFor();
    expect(await page.getByRole('tab', { name: 'Edit' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /Redrive|Put|Acknowledge/ }).count()).toBe(0);
    await shot(page, 'viewer-letters', true);
    await page.goto(`${stack.api.url}/console/submit`);
    await page.getByText('Your key does not submit jobs.').waitFor();
    expect(pages.faults).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('has nothing serious for axe, fits 390 px, and is kept as pictures, in %s colours', async (colorScheme) => {
    await stack.api.call('POST', '/queues/default/resume', {}, admin);
    const signIn = async (page: Page): Promise<void> => {
      const key = page.getByLabel('API key');
      await key
        .or(page.getByRole('button', { name: 'Sign out' }))
        .or(page.getByRole('button', { name: 'Menu' }))
        .and(page.locator(':visible'))
        .first()
        .waitFor();
      if (!(await key.isVisible())) return;
      await key.fill(adminKey);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    const opened = async (page: Page): Promise<void> => {
      await signIn(page);
      await page.getByRole('button', { name: 'resume queue' }).first().click();
      await page.getByText('Copy as JSON').waitFor();
    };
    const nothing = async (page: Page): Promise<void> => {
      await signIn(page);
      await page.getByText('No act fits these filters.').waitFor();
    };
    const screens = { audit: { path: '/audit', ready: opened }, 'no-audit': { path: '/audit?subject=nobody', ready: nothing } };
    expect(await pages.lookAt(stack.api.url, screens, colorScheme)).toEqual([]);
    expect(pages.faults).toEqual([]);
  });
});
