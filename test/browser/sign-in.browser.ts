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
});
