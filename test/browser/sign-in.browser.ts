import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium } from 'playwright-core';
import { describeIf, type Stack, startStack } from '../support/index.js';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const SHOTS = join(import.meta.dirname, '../../.longhaul/screenshots');
const CLI = join(import.meta.dirname, '../../dist/apps/cli/src/main.js');

describeIf(existsSync(CHROMIUM), 'Chromium is not installed')('the console of a gateway with AUTH on, in a browser', () => {
  let stack: Stack;
  let browser: Browser;
  let key: string;
  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    [stack, browser] = await Promise.all([
      startStack({ mode: 'single-process', env: { AUTH: 'on' } }),
      chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] }),
    ]);
    const made = spawnSync(process.execPath, [CLI, 'keys', 'create', '--name', 'Ada', '--admin'], { env: { PATH: process.env['PATH'], ...stack.env } });
    key = made.stdout.toString().trim();
  });
  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  test('asks for a key, takes no wrong one, shows what the right one may see, and nothing any more after signing out', async () => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(`${stack.api.url}/console`);
    await page.getByLabel('API key').fill('lh_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This key is not valid here').waitFor();
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id)).toEqual([]);
    await page.screenshot({ path: join(SHOTS, 'sign-in.png') });
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.screenshot({ path: join(SHOTS, 'now.png') });
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ name: '__Host-lh', httpOnly: true, secure: true, sameSite: 'Strict' });
    expect(await page.evaluate<string>('document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)')).not.toContain(key);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await context.cookies()).toEqual([]);
  });
});
