// Ring 2: .ci/run runs this file.
import { IdentityProvider, SignInDesk } from '@app/host/testing';
import { type App, longhaul, newKey, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

const CALLBACK = /^http:\/\/127\.0\.0\.1:\d+(\/long\/haul)?\/session\/oidc\/callback$/;
const SECRET = 'the secret of the client';
const HTML = 'text/html,application/xhtml+xml,*/*;q=0.8';

interface Session {
  id: string;
  subject: string;
}

let provider: IdentityProvider;
let desk: SignInDesk;
let stack: Stack;
let other: App;
let operator: string;
beforeAll(async () => {
  provider = await IdentityProvider.start();
  provider.addKey('ES256');
  desk = new SignInDesk(provider, { id: 'longhaul', secret: SECRET, redirects: CALLBACK });
  desk.people = {
    Ada: { sub: 'ada', preferred_username: 'Ada', roles: ['jobs:read', 'jobs:submit', 'events:read', 'queues:control', 'audit:read'] },
    Bob: { sub: 'bob', name: 'Bob', roles: ['jobs:read'], longhaul_kinds: ['debug.echo'] },
    Eve: { sub: 'eve', groups: ['staff'] },
  };
  const oidc = { OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: 'longhaul', OIDC_CLIENT_SECRET: SECRET, JWT_SCOPE_CLAIMS: 'roles' };
  stack = await startStack({ mode: 'single-process', env: { AUTH: 'on', LOG_LEVEL: 'warn', ADMISSION_EVENT_LOOP_MS: '0', ...oidc } });
  other = await spawnApp('gateway', stack.env);
  operator = await newKey(stack.env, '--name', 'operator', '--admin');
}, 240_000);
afterAll(async () => {
  await other.stop();
  await stack.stop();
  await provider.stop();
});

/** A browser without scripts: it keeps cookies by their names, and follows no redirect by itself. */
class Jar {
  cookies = new Map<string, string>();

  constructor(public url = stack.api.url) {}

  async get(path: string, accept = HTML): Promise<Response> {
    return this.ask('GET', path, { accept, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' });
  }

  async ask(method: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
    const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; '); // prettier-ignore
    const answer = await fetch(path.startsWith('/') ? this.url + path : path, {
      method,
      redirect: 'manual',
      headers: { ...headers, ...(cookie === '' ? {} : { cookie }) },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (line.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** Begins, and does what a person does at the provider: the address to which the provider sends back. */
  async begin(name: string, goTo = '/console'): Promise<string> {
    const { headers } = await this.get(`/session/oidc?goTo=${encodeURIComponent(goTo)}`);
    return desk.signIn(headers.get('location') ?? '', name);
  }

  async signIn(name: string): Promise<this> {
    const answer = await this.get(await this.begin(name));
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/console']);
    return this;
  }

  async who(): Promise<Record<string, unknown>> {
    return (await (await this.ask('GET', '/session', { accept: 'application/json' })).json()) as Record<string, unknown>;
  }

  async status(method: string, path: string): Promise<number> {
    return (await this.ask(method, path, { 'x-requested-by': 'console' })).status;
  }
}

const asOperator = <Body>(method: string, path: string) => stack.api.call<Body>(method, path, undefined, { authorization: `Bearer ${operator}` });
const sessionsOf = async (subject: string) =>
  (await asOperator<{ items: Session[] }>('GET', '/sessions')).body.items.filter((each) => each.subject === subject);

test('a person comes back from the provider with a session, which has the rights of the claims and is in the audit by the account', async () => {
  const ada = new Jar();
  const begun = await ada.get('/session/oidc?goTo=%2Fconsole%2Fjobs%3Fstate%3Dfailed');
  expect(begun.status).toBe(303);
  expect(begun.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-lh-oidc=[\w.-]+; Max-Age=600; Path=\/; Secure; HttpOnly; SameSite=Lax$/)]);
  const back = await ada.get(desk.signIn(begun.headers.get('location') ?? '', 'Ada'));
  expect([back.status, back.headers.get('location')]).toEqual([303, '/console/jobs?state=failed']);
  expect(back.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-lh-oidc=; Max-Age=0; Path=\/; Secure; HttpOnly; SameSite=Lax$/),
    expect.stringMatching(/^__Host-lh=[\w-]{43}; Max-Age=28800; Path=\/; Secure; HttpOnly; SameSite=Strict$/),
  ]);
  expect(await ada.who()).toMatchObject({ subject: 'oidc:ada', name: 'Ada', via: 'session', tenant: null, scopes: desk.people['Ada'] && ['jobs:read', 'jobs:submit', 'events:read', 'queues:control', 'audit:read'] }); // prettier-ignore
  expect([await ada.status('GET', '/jobs'), await ada.status('POST', '/kinds/debug.fail/pause'), await ada.status('POST', '/kinds/debug.fail/resume')]).toEqual(
    [200, 200, 200],
  );
  // The cookie alone is not enough: a form of another page would send it as well.
  expect((await ada.ask('POST', '/kinds/debug.fail/pause')).status).toBe(403);
  const refused = await ada.ask('GET', '/keys');
  expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([403, 'expected the scope admin, which this account does not have']);
  expect(await ada.status('DELETE', '/session')).toBe(204);
  expect([ada.cookies.get('__Host-lh'), (await ada.ask('GET', '/session')).status]).toEqual([undefined, 401]);
  const { items } = (await asOperator<{ items: { action: string; subject: string }[] }>('GET', '/audit?limit=50')).body;
  const acts = items.filter(({ subject }) => subject === 'oidc:ada').map(({ action }) => action);
  expect(acts).toEqual(['closeSession', 'resumeKind', 'pauseKind', 'openSession']);
});

test('kinds of a claim narrow the session, and its tenant is that of its scopes', async () => {
  const bob = await new Jar().signIn('Bob');
  expect(await bob.who()).toMatchObject({ subject: 'oidc:bob', name: 'Bob', tenant: 'default', kinds: ['debug.echo'], scopes: ['jobs:read'] });
  expect([await bob.status('GET', '/jobs?kind=debug.echo'), await bob.status('GET', '/jobs?kind=debug.sleep')]).toEqual([200, 403]);
});

test('a sign-in that one gateway has begun is ended by another', async () => {
  const ada = new Jar();
  const back = new URL(await ada.begin('Ada'));
  // As behind a balancer: the same address, another process. Its own port is in what it sends to the provider, so the address is asked for as the first one is called.
  const cookie = `__Host-lh-oidc=${ada.cookies.get('__Host-lh-oidc') ?? ''}`;
  const { status } = await viaHost(other, back, cookie);
  expect(status).toBe(303);
});

/** Asks a gateway by the name of another, as a balancer does. `fetch` may not set Host. */
async function viaHost(app: App, { host, pathname, search }: URL, cookie: string): Promise<{ status: number | undefined }> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    request(app.url + pathname + search, { headers: { host, cookie, accept: HTML } }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode });
    })
      .on('error', reject)
      .end();
  });
}

test('a session by an account ends on every gateway within two seconds of its revocation, with its streams', async () => {
  const ada = await new Jar().signIn('Ada');
  const there = new Jar(other.url);
  there.cookies = ada.cookies;
  const stream = await there.ask('GET', '/jobs/events', { accept: 'text/event-stream' });
  expect(stream.status).toBe(200);
  const [session] = await sessionsOf('oidc:ada');
  expect(session).toMatchObject({ name: 'Ada', tenant: null, kinds: null, scopes: expect.arrayContaining(['jobs:read']) });
  const since = performance.now();
  expect((await asOperator('DELETE', `/sessions/${session?.id ?? ''}`)).status).toBe(204);
  await stream.text();
  await waitFor('the refusal', async () => (await there.ask('GET', '/session')).status === 401);
  process.stdout.write(`refused everywhere after ${((performance.now() - since) / 1_000).toFixed(2)} s\n`);
  expect((await sessionsOf('oidc:ada')).map(({ id }) => id)).not.toContain(session?.id);
  expect((await asOperator('DELETE', `/sessions/${session?.id ?? ''}`)).status).toBe(404);
  const { items } = (await asOperator<{ items: object[] }>('GET', '/audit?action=revokeSession')).body;
  expect(items[0]).toMatchObject({ target: `/sessions/${session?.id ?? ''}`, outcome: 204 });
});

test('the command line lists the open sessions in the database, and revokes one, without a key', async () => {
  const bob = await new Jar().signIn('Bob');
  const { items } = JSON.parse((await longhaul(['keys', 'sessions', '--json'], stack.env)).out) as { items: Session[] };
  const { id } = items.find(({ subject }) => subject === 'oidc:bob') as Session;
  expect((await longhaul(['keys', 'sessions'], stack.env)).out).toMatch(new RegExp(`^${id}  oidc:bob +Bob +default +jobs:read `, 'm'));
  const { code, err } = await longhaul(['keys', 'revoke-session', id], stack.env);
  expect([code, err]).toEqual([0, `revoked the session ${id}\n`]);
  await waitFor('the refusal', async () => (await bob.ask('GET', '/session')).status === 401);
  const again = await longhaul(['keys', 'revoke-session', id], stack.env);
  expect([again.code, again.err]).toEqual([2, expect.stringContaining('longhaul keys sessions shows them')]);
  expect((await longhaul(['keys', 'revoke-session', 'x'], stack.env)).code).toBe(2);
});

test('a session that is over, or that nobody has used for half an hour, is refused', async () => {
  for (const column of ['expires_at = now()', `seen_at = now() - interval '31 minutes'`]) {
    const ada = await new Jar().signIn('Ada');
    await stack.query(`UPDATE sessions SET ${column} WHERE holder->>'subject' = 'oidc:ada'`);
    expect([column, (await ada.ask('GET', '/session')).status]).toEqual([column, 401]);
    expect(await sessionsOf('oidc:ada')).toEqual([]);
  }
});

test('an answer without the cookie of the browser that has begun, of another sign-in, or that comes twice opens nothing', async () => {
  const ada = new Jar();
  const back = await ada.begin('Ada');
  const stranger = new Jar();
  const stolen = await stranger.get(back);
  expect([stolen.status, stranger.cookies.size]).toEqual([401, 0]);
  expect(await stolen.text()).toContain('This browser has not begun to sign in');
  const another = new Jar();
  await another.begin('Ada');
  expect((await another.get(back)).status).toBe(401);
  await ada.get(back);
  expect(ada.cookies.get('__Host-lh')).toMatch(/^[\w-]{43}$/);
  const twice = new Jar();
  twice.cookies.set('__Host-lh-oidc', `${'x'.repeat(43)}.`);
  for (const query of ['', '?code=x', '?state=', '?code=a&code=b&state=a&state=b'])
    expect([query, (await twice.get(`/session/oidc/callback${query}`)).status]).toEqual([query, 401]);
  expect(twice.cookies.get('__Host-lh')).toBeUndefined();
});

test('nobody is led to another site afterwards, whatever the link says that began it', async () => {
  for (const goTo of ['https://evil.example/', '//evil.example/console', '/\\evil.example', '/console/../keys', '/console\r\nlocation: https://evil.example']) {
    const ada = new Jar();
    const answer = await ada.get(await ada.begin('Ada', goTo));
    expect([goTo, answer.headers.get('location')]).toEqual([goTo, '/console']);
  }
});

test('an account without rights is told so and gets no session, and a no of the provider is passed on', async () => {
  const eve = new Jar();
  const answer = await eve.get(await eve.begin('Eve'));
  expect([answer.status, eve.cookies.size]).toEqual([403, 0]);
  expect(await answer.text()).toContain('Your account has no rights here');
  await waitFor('the line that says why', () => /none of the claims roles .* it has [^"]*groups/.test(stack.gateway.logs().join('\n')));
  const denied = new Jar();
  const state = new URL(await denied.begin('Ada')).searchParams.get('state') ?? '';
  const page = await denied.get(`/session/oidc/callback?error=access_denied%3Cscript%3E&state=${state}`);
  expect([page.status, await page.text()]).toEqual([401, expect.stringContaining('has not signed you in: access_denied&lt;script&gt;.')]);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('an ID token of another sign-in is refused', async () => {
  desk.token = (claims) => provider.token({ ...claims, nonce: 'of another' });
  const ada = new Jar();
  const answer = await ada.get(await ada.begin('Ada'), 'application/json');
  desk.token = (claims) => provider.token(claims);
  expect([answer.status, answer.headers.get('content-type'), ada.cookies.get('__Host-lh')]).toEqual([
    401,
    expect.stringMatching(/^application\/problem\+json/),
    undefined,
  ]);
  expect(await answer.json()).toMatchObject({ instance: '/session/oidc/callback' });
});

test('a provider that says nothing at the token gets a page that says so, and open sessions and keys go on', async () => {
  const open = await new Jar().signIn('Ada');
  const ada = new Jar();
  const back = await ada.begin('Ada');
  desk.silent = true;
  const answer = await ada.get(back);
  desk.silent = false;
  expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
  expect(await answer.text()).toContain('The identity provider does not answer now; try again.');
  expect([(await open.who())['subject'], (await asOperator('GET', '/sessions')).status]).toEqual(['oidc:ada', 200]);
});

test('neither the secret, nor a code, nor what binds a sign-in to a browser is in the logs', () => {
  const lines = [...stack.gateway.logs(), ...other.logs()].join('\n');
  expect(lines).toContain('a sign-in with an account of the identity provider was refused');
  for (const secret of [SECRET, 'code=', '__Host-lh-oidc=', 'code_verifier', 'id_token=']) expect([secret, lines.includes(secret)]).toEqual([secret, false]);
});

test('the page of the console says that there is a provider only where there is one, and the route answers 404 where there is none', async () => {
  const page = async (url: string) => (await fetch(`${url}/console`)).text();
  expect(await page(stack.api.url)).toContain(`name="longhaul-oidc" content="${new URL(provider.issuer).host}"`);
  const without = await spawnApp('gateway', { ...stack.env, OIDC_ISSUER: '', OIDC_CLIENT_ID: '', OIDC_CLIENT_SECRET: '' });
  expect(await page(without.url)).toContain('name="longhaul-oidc" content=""');
  expect((await fetch(`${without.url}/session/oidc`)).status).toBe(404);
  await without.stop();
});

test('below the path of PUBLIC_URL the provider sends back there, and the console is found there', async () => {
  const below = await spawnApp('gateway', { ...stack.env, PUBLIC_URL: 'http://127.0.0.1:9/long/haul' });
  const ada = new Jar(below.url);
  const back = new URL(await ada.begin('Ada', '/console/jobs'));
  expect(back.origin + back.pathname).toBe('http://127.0.0.1:9/long/haul/session/oidc/callback');
  const answer = await ada.get(back.pathname + back.search);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/long/haul/console/jobs']);
  await below.stop();
});

test('whoever shows wrong answers again and again is slowed down, as with wrong keys', async () => {
  const few = await spawnApp('gateway', { ...stack.env, MAX_FAILED_SIGN_INS_PER_CLIENT: '3' });
  const jar = new Jar(few.url);
  for (const status of [401, 401, 401, 429]) expect((await jar.get('/session/oidc/callback?code=a&state=b')).status).toBe(status);
  await few.stop();
});
