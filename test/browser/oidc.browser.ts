// Ring 2: .ci/run runs this file.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IdentityProvider, SignInDesk } from '@app/host/testing';
import type { Page } from 'playwright-core';
import { type App, freePort, newKey, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';
import { FOREIGN_ATTACK, REBOUND_ATTACK } from './attacks.js';
import { ConsoleBrowser, describeWithBrowser, NARROW, seriousFaults, shot, WIDE } from './console.js';

const PROVIDER = 'the Acme account';
const ENDED = 'Your session has ended';

describeWithBrowser('the console where people sign in with an account, in a browser', () => {
  let provider: IdentityProvider;
  let stack: Stack;
  let below: App;
  let pages: Server;
  /** What the browser gave the other page. */
  let cookies = '';
  let browser: ConsoleBrowser;
  let operator: string;
  beforeAll(async () => {
    provider = await IdentityProvider.start();
    provider.addKey('RS256');
    const desk = new SignInDesk(provider, { id: 'longhaul', redirects: /^http:\/\/127\.0\.0\.1:\d+(\/long\/haul)?\/session\/oidc\/callback$/ });
    desk.people = {
      Ada: { sub: 'ada', preferred_username: 'Ada', roles: ['admin'] },
      Eve: { sub: 'eve', preferred_username: 'Eve', roles: [] },
    };
    const oidc = { OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: 'longhaul', OIDC_NAME: PROVIDER, JWT_SCOPE_CLAIMS: 'roles' };
    const env = { AUTH: 'on', ADMISSION_EVENT_LOOP_MS: '0', ...oidc };
    const launch = ConsoleBrowser.launch({ resolve: 'MAP evil.example 127.0.0.1' });
    [stack, browser] = await Promise.all([startStack({ mode: 'single-process', env }), launch]);
    const port = String(await freePort());
    below = await spawnApp('gateway', { ...stack.env, PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}/long/haul` });
    operator = await newKey(stack.env, '--name', 'operator', '--admin');
    pages = createServer(({ headers, url }, response) => {
      if (url === '/') cookies = headers.cookie ?? '';
      response.setHeader('content-type', 'text/html').end('<title>another page</title><body>');
    });
    await once(pages.listen(0, '127.0.0.1'), 'listening');
  }, 240_000);
  afterEach(() => browser.reset());
  afterAll(async () => {
    pages.close();
    await browser.close();
    await below.stop();
    await stack.stop();
    await provider.stop();
  });

  const as = (method: string, path: string) =>
    stack.api.call<{ items: { id: string; subject: string }[] }>(method, path, undefined, { authorization: `Bearer ${operator}` });
  const revokeAll = async (subject: string): Promise<void> => {
    for (const each of (await as('GET', '/sessions')).body.items)
      if (each.subject === subject) expect((await as('DELETE', `/sessions/${each.id}`)).status).toBe(204);
  };

  async function signIn(page: Page, name = 'Ada'): Promise<void> {
    await page.getByRole('link', { name: `Sign in with ${PROVIDER}` }).click();
    await page.getByRole('button', { name, exact: true }).click();
  }

  async function signedIn(path = '/jobs', options = {}): Promise<Page> {
    const page = await browser.open(stack.api.url, path, options);
    await signIn(page);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    return page;
  }

  test('somebody signs in at the provider, is back at the screen that they wanted, and sees nothing any more after signing out', async () => {
    const page = await browser.open(stack.api.url, '/jobs?state=failed');
    await signIn(page);
    await page.getByText('Ada', { exact: true }).waitFor();
    expect(page.url()).toBe(`${stack.api.url}/console/jobs?state=failed`);
    expect(await page.context().cookies(stack.api.url)).toMatchObject([{ name: '__Host-lh', httpOnly: true, secure: true, sameSite: 'Strict' }]);
    expect(await page.evaluate<string>('document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + location.href')).not.toMatch(
      /code|lh_|eyJ/,
    );
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: `Sign in with ${PROVIDER}` }).waitFor();
    // Who signs out is not told that something has ended.
    expect(await page.getByText(ENDED).count()).toBe(0);
    expect(await page.context().cookies(stack.api.url)).toEqual([]);
    expect(browser.faults).toEqual([]);
  });

  test('a key opens a session as well, and one that is wrong is refused there', async () => {
    const page = await browser.open(stack.api.url, '');
    await page.getByLabel('API key').fill('lh_wrong');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('This key is not valid here').waitFor();
    await page.getByLabel('API key').fill(operator);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(browser.faults).toEqual([]);
  });

  test('below the path of PUBLIC_URL somebody goes to the provider and comes back there', async () => {
    const at = below.env['PUBLIC_URL'] ?? '';
    const page = await browser.openPage(`${at}/console/schedules`);
    await signIn(page);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(page.url()).toBe(`${at}/console/schedules`);
  });

  test('an account without rights is told so by a page that leads back', async () => {
    const page = await browser.open(stack.api.url, '');
    await signIn(page, 'Eve');
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    await page.getByText('Your account has no rights here').waitFor();
    await shot(page, 'sign-in-refused');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Back to the console' }).click();
    await page.getByRole('link', { name: `Sign in with ${PROVIDER}` }).waitFor();
  });

  test('a provider that is away gets a page that says so, and a key goes on', async () => {
    const page = await browser.open(stack.api.url, '');
    provider.away = true;
    // Its document is read again when the last reading is some seconds ago.
    await waitFor('the page that says so', async () => {
      await page.goto(`${stack.api.url}/session/oidc`).catch(() => undefined);
      return (await page.getByText('The identity provider does not answer now').count()) === 1;
    });
    provider.away = false;
    await waitFor('the way to the provider', async () => (await fetch(`${stack.api.url}/session/oidc`, { redirect: 'manual' })).status === 303);
    await page.goto(`${stack.api.url}/console`);
    await page.getByLabel('API key').fill(operator);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  });

  test('while a stream is open a session is revoked: the stream ends, and the console says that the session has', async () => {
    const page = await signedIn('/jobs');
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    const since = performance.now();
    await revokeAll('oidc:ada');
    await page.getByText(ENDED).waitFor();
    process.stdout.write(`the console says so after ${((performance.now() - since) / 1_000).toFixed(2)} s\n`);
    await shot(page, 'sign-in-ended');
    expect(await seriousFaults(page)).toEqual([]);
    await signIn(page);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(page.url()).toBe(`${stack.api.url}/console/jobs`);
    expect(browser.faults).toEqual([]);
  });

  test('an operator sees who is signed in and revokes one, whose console says so', async () => {
    const page = await signedIn('/jobs');
    const ops = await browser.open(stack.api.url, '/settings');
    await ops.getByLabel('API key').fill(operator);
    await ops.getByRole('button', { name: 'Sign in', exact: true }).click();
    await ops.getByText('operator (you)').first().waitFor();
    await shot(ops, 'settings-sessions', true);
    expect(await seriousFaults(ops)).toEqual([]);
    const row = ops.getByRole('row', { name: /oidc:ada/ }).first();
    await row.getByRole('button', { name: 'Revoke…' }).click();
    const dialog = ops.getByRole('dialog');
    await dialog.getByText('longhaul keys revoke-session').waitFor();
    await shot(ops, 'settings-session-revoke');
    await dialog.getByRole('button', { name: 'Revoke it' }).click();
    await page.getByText(ENDED).waitFor();
    await ops.setViewportSize(NARROW);
    expect(await ops.evaluate<number>('document.documentElement.scrollWidth')).toBe(NARROW.width);
    await shot(ops, 'settings-sessions-390', true);
    expect(browser.faults).toEqual([]);
  });

  test('a session that comes to its end while somebody looks is said to have ended', async () => {
    const page = await signedIn('/workers');
    // What gateways know of sessions is asked for again when this number grows; then the end is theirs to see.
    await stack.query(`UPDATE sessions SET expires_at = now() + interval '3 seconds' WHERE holder->>'subject' = 'oidc:ada'`);
    await stack.query('UPDATE rights SET revision = revision + 1');
    // A stream is looked at each half minute.
    await page.getByText(ENDED).waitFor({ timeout: 60_000 });
    expect(browser.faults).toEqual([]);
  }, 120_000);

  test('the page to sign in reads well, light and dark, wide and at 390 px', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.open(stack.api.url, '', { colorScheme });
      await page.getByRole('link', { name: `Sign in with ${PROVIDER}` }).waitFor();
      for (const viewport of [WIDE, NARROW]) {
        await page.setViewportSize(viewport);
        await shot(page, `sign-in-oidc-${String(viewport.width)}-${colorScheme}`);
        expect(await seriousFaults(page)).toEqual([]);
        expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(viewport.width);
      }
    }
  });

  /** All that an attack may have changed. */
  const state = async (): Promise<unknown> => ({
    jobs: await stack.query('SELECT id, state FROM jobs ORDER BY id'),
    keys: await stack.query('SELECT id, revoked_at FROM api_keys ORDER BY id'),
    sessions: await stack.query(`SELECT id FROM sessions WHERE holder->>'subject' = 'oidc:ada' ORDER BY id`),
    acts: await stack.query('SELECT count(*)::int AS n FROM audit'),
    pauses: await stack.query('SELECT kind FROM paused_kinds'),
  });

  const pagesUrl = (): string => `http://127.0.0.1:${String((pages.address() as AddressInfo).port)}`;
  test.each([
    ['of another site, to which the browser gives no cookie,', () => pagesUrl().replace('127.0.0.1', 'evil.example'), false],
    ['of another port of the same machine, to which the browser gives the cookie,', pagesUrl, true],
  ])('a page %s reads nothing and changes nothing, beside somebody who is signed in', async (_, url, hasCookie) => {
    const page = await signedIn('/jobs');
    const job = (await stack.api.call<{ id: string }>('POST', '/jobs', { kind: 'debug.echo', payload: { value: 'secret' }, options: { delay: '1h' } }, { authorization: `Bearer ${operator}` })).body.id; // prettier-ignore
    const before = await state();
    const other = await page.context().newPage();
    await other.goto(url());
    expect(cookies.includes('__Host-lh=')).toBe(hasCookie);
    const tries = await other.evaluate<Record<string, string>>(FOREIGN_ATTACK(stack.api.url, job));
    for (const [name, outcome] of Object.entries(tries)) expect([name, outcome]).toEqual([name, expect.stringMatching(/^(blocked|opaque|refused)$/)]);
    expect(await state()).toEqual(before);
    await page.reload();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  });

  test('a name that was rebound to the gateway gets 421 for everything, and no cookie of the session', async () => {
    const page = await signedIn('/jobs', { bypassCSP: true });
    const before = await state();
    const rebound = stack.api.url.replace('127.0.0.1', 'evil.example');
    const other = await page.context().newPage();
    // Probes are answered under any name: the page is as one that was loaded before its name was rebound.
    await other.goto(`${rebound}/health/live`);
    const tries = await other.evaluate<Record<string, string>>(REBOUND_ATTACK);
    for (const [name, outcome] of Object.entries(tries)) expect([name, outcome]).toEqual([name, '421']);
    expect(await other.context().cookies(rebound)).toEqual([]);
    expect(await state()).toEqual(before);
  });
});
