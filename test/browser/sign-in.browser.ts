// Ring 2: .ci/run runs this file.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Stack, startStack } from '../support/index.js';
import { ConsoleBrowser, describeWithBrowser, NARROW, seriousFaults, shot } from './console.js';

const CLI = join(import.meta.dirname, '../../dist/apps/cli/src/main.js');

describeWithBrowser('the console of a gateway with AUTH on, in a browser', () => {
  let stack: Stack;
  let browser: ConsoleBrowser;
  let key: string;
  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack({ mode: 'single-process', env: { AUTH: 'on' } }), ConsoleBrowser.launch()]);
    const made = spawnSync(process.execPath, [CLI, 'keys', 'create', '--name', 'Ada', '--admin'], { env: { PATH: process.env['PATH'], ...stack.env } });
    key = made.stdout.toString().trim();
  });
  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  test('asks for a key, takes no wrong one, shows what the right one may see, and nothing any more after signing out', async () => {
    const page = await browser.open(stack.api.url, '');
    const context = page.context();
    await page.getByLabel('API key').fill('lh_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This key is not valid here').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await shot(page, 'sign-in');
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await shot(page, 'now');
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ name: '__Host-lh', httpOnly: true, secure: true, sameSite: 'Strict' });
    expect(await page.evaluate<string>('document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)')).not.toContain(key);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await context.cookies()).toEqual([]);
  });

  test('makes a key that is shown once, signs in with it, rotates and revokes it, and refuses it from then on', async () => {
    const page = await browser.open(stack.api.url, '/settings');
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Key…', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Who will have it').fill('night shift');
    await dialog.getByRole('button', { name: 'A person who looks' }).click();
    await dialog.getByText('--scope dead-letters:read').waitFor();
    await shot(page, 'settings-form');
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByLabel('Only of kinds').fill('report.*');
    await dialog.getByRole('button', { name: 'Make it' }).click();
    await dialog.getByTitle('/kinds').waitFor();
    await dialog.getByLabel('Only of kinds').fill('');
    await dialog.getByRole('button', { name: 'Make it' }).click();
    const made = await dialog.locator('.cmd code', { hasText: /^lh_/ }).innerText();
    await shot(page, 'settings-made');
    await dialog.getByRole('button', { name: 'It is copied' }).click();
    const row = page.getByRole('row', { name: /night shift/ });
    await row.getByText('queues:read').waitFor();
    await shot(page, 'settings', true);

    const ask = (bearer: string) => fetch(`${stack.api.url}/keys`, { headers: { authorization: `Bearer ${bearer}` } }).then(({ status }) => status);
    expect(await ask(made)).toBe(403);
    await row.getByRole('button', { name: 'Rotate…' }).click();
    await dialog.getByLabel('The former key').selectOption('ends at once');
    await dialog.getByRole('button', { name: 'Make a new key' }).click();
    const next = await dialog.locator('.cmd code', { hasText: /^lh_/ }).innerText();
    await dialog.getByRole('button', { name: 'It is copied' }).click();
    expect({ former: await ask(made), next: await ask(next) }).toEqual({ former: 401, next: 403 });
    await row.first().getByRole('button', { name: 'Revoke…' }).click();
    await dialog.getByRole('button', { name: 'Revoke it' }).click();
    await page.getByText('And 2 keys revoked or over').click();
    await page
      .getByText(/^revoked/)
      .first()
      .waitFor();
    expect(await ask(next)).toBe(401);
    await shot(page, 'settings-all', true);
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize(NARROW);
      await shot(page, `settings-390-${scheme}`, true);
      expect(await seriousFaults(page)).toEqual([]);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(NARROW.width);
    }
    expect(browser.faults).toEqual([]);
    await page.context().close();
  });

  test('begins with the jobs for a key of one tenant, offers nothing of the whole installation, and says whose it is', async () => {
    const made = spawnSync(process.execPath, [CLI, 'keys', 'create', '--name', 'Bob', '--tenant', 'acme', '--admin'], {
      env: { PATH: process.env['PATH'], ...stack.env },
    });
    const page = await browser.open(stack.api.url, '');
    await page.getByLabel('API key').fill(made.stdout.toString().trim());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Bob, acme').waitFor();
    await page.waitForURL(/\/console\/jobs/);
    const menu = await page.locator('.side a').allInnerTexts();
    expect(menu.map((name) => name.trim())).toEqual(expect.arrayContaining(['Jobs', 'Dead letters', 'Schedules', 'Webhooks', 'Submit', 'Audit']));
    for (const whole of ['Now', 'Queues and limits', 'Workers']) expect(menu).not.toContain(whole);
    await page.goto(`${stack.api.url}/console/webhooks`);
    await page.getByRole('button', { name: 'Endpoint…', exact: true }).click();
    await page.getByText('A job has failed').waitFor();
    expect(await page.getByText('Something is not well').count()).toBe(0);
    expect(browser.faults).toEqual([]);
  });
});
