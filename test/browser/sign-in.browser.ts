import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Stack, startStack } from '../support/index.js';
import { ConsoleBrowser, describeWithBrowser, seriousFaults, shot } from './console.js';

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
