// Ring 3: npm run proofs runs this file.
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

  test('a key that only looks sees every screen, and of what an administrator may do there nothing', async () => {
    const id = await failed();
    await stack.api.call('PUT', '/limits/looked', { match: { kind: 'debug.sleep' }, concurrency: 2 }, admin);
    await stack.api.call('PUT', '/schedules/looked', { kind: 'debug.echo', payload: { value: 1 }, spec: { every: '1d' } }, admin);
    await stack.api.call('POST', '/webhooks/endpoints', { url: 'https://hooks.example/looked' }, admin);
    const reads = ['jobs', 'events', 'dead-letters', 'schedules', 'webhooks', 'queues', 'limits', 'files', 'audit'].flatMap((of) => ['--scope', `${of}:read`]);
    const screens: [path: string, shown: string, deed: string][] = [
      ['/queues?limit=looked', 'debug.sleep', 'Override for a time…'],
      ['/workers', 'It knows', 'Queues…'],
      ['/schedules', 'looked', 'Schedule…'],
      ['/schedules/looked', 'Next ticks', 'Trigger…'],
      ['/webhooks', 'https://hooks.example/looked', 'Rotate secret…'],
      ['/dead-letters', 'DebugFail', 'Acknowledge…'],
      [`/jobs/${id}`, 'Its life', 'Redrive…'],
      ['/settings', 'Schedules', 'Set…'],
    ];
    const looker = await signedIn('', keyWith('--all-tenants', ...reads));
    const master = await signedIn('', adminKey);
    for (const [path, shown, deed] of screens) {
      for (const page of [looker, master]) {
        await page.goto(`${stack.api.url}/console${path}`);
        await page.locator('main').getByText(shown).first().waitFor();
      }
      const isOffered = (page: Page) => page.locator('main').getByRole('button', { name: deed, exact: true });
      await isOffered(master).first().waitFor();
      // A deed opens a dialog, so the name of its button ends with an ellipsis.
      const offered = await looker.locator('main').getByRole('button', { name: /…$/ }).allTextContents();
      expect([path, offered, await looker.locator('main').getByRole('switch', { disabled: false }).count()]).toEqual([path, [], 0]);
    }
    await looker.goto(`${stack.api.url}/console/jobs`);
    await looker.getByRole('row').nth(1).waitFor();
    expect(await looker.getByRole('checkbox').count()).toBe(0);
    expect(await looker.getByRole('button', { name: /^Act on all/ }).count()).toBe(0);
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
