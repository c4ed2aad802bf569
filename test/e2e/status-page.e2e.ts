// Ring 2: .ci/run runs this file.
import { randomBytes } from 'node:crypto';
import { smtpReceiver, type SmtpReceiver } from '../support/smtp-receiver.js';
import { longhaul, newKey, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

interface Link {
  statusUrl: string;
  expiresAt: string;
}
interface Problem {
  type: string;
  detail: string;
  errors?: { pointer: string }[];
}

const PUBLIC = 'https://jobs.example.com';
const NOBODYS = '01890000-0000-7000-8000-00000000dead';
const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const FIRST = key('first');

describe('a status page', () => {
  let stack: Stack;
  let smtp: SmtpReceiver;
  let admin: Record<string, string>;
  beforeAll(async () => {
    smtp = await smtpReceiver();
    const email = { SMTP_URL: smtp.url, EMAIL_FROM: 'Longhaul <jobs@example.com>', EMAIL_LINKS: 'status' };
    stack = await startStack({
      mode: 'single-process',
      env: { AUTH: 'on', LONGHAUL_SECRET_KEYS: FIRST, PUBLIC_URL: PUBLIC, LOG_LEVEL: 'warn', ...email },
    });
    admin = { authorization: `Bearer ${await newKey(stack.env, '--name', 'test', '--admin')}` };
  }, 240_000);
  afterAll(async () => {
    await stack.stop();
    await smtp.close();
  });

  const call = <Body = Problem>(method: string, path: string, body?: unknown, headers = admin) => stack.api.call<Body>(method, path, body, headers);
  const submitted = async (kind: string, payload: unknown, options?: object): Promise<string> =>
    (await stack.api.submit(kind, payload, options, { ...admin, ...(options ? {} : { prefer: 'wait=30' }) })).body.id;
  const link = async (id: string, body?: object): Promise<string> => {
    const { status, body: made } = await call<Link>('POST', `/jobs/${id}/links`, body);
    expect(status).toBe(201);
    expect(made.statusUrl.startsWith(`${PUBLIC}/p/`)).toBe(true);
    return made.statusUrl.slice(PUBLIC.length);
  };
  /** As somebody asks who has the link and nothing else. */
  const look = async (path: string, url = stack.gateway.url) => {
    const response = await fetch(url + path, { headers: { accept: 'text/html' } });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  test('says without a key how a job stands, and nothing else of it or of the installation', async () => {
    const id = await submitted('debug.echo', { value: 'a secret of the result' });
    const path = await link(id, { title: 'Your report <for> January', timezone: 'Europe/Berlin' });
    const { status, headers, text } = await look(path);
    expect(status).toBe(200);
    expect(text).toContain('<h1>Ready</h1>');
    expect(text).toContain('Your report &lt;for&gt; January');
    expect(text).toMatch(/<dt>Asked for<\/dt><dd><time [^>]+>\d{1,2} \w+ \d{4} at \d\d:\d\d<\/time>/);
    expect(text).toMatch(/<dt>Ready since<\/dt>/);
    expect(text).toContain('Times are of Europe/Berlin.');
    for (const hidden of [id, 'debug.echo', 'default', 'a secret of the result', '<script', 'http-equiv="refresh"']) expect(text).not.toContain(hidden);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-robots-tag')).toBe('noindex');
    for (const part of ['/result', '/files/1']) expect((await look(path + part)).status).toBe(404);
  });

  test('shows progress, looks again by itself, and is of a failure without the text of its error', async () => {
    const running = await submitted('debug.sleep', { ms: 600_000 }, { priority: 5 });
    const path = await link(running);
    await waitFor('its progress', async () => (await look(path)).text.includes('<progress '));
    const { text } = await look(path);
    expect(text).toContain('<h1>Being worked on</h1>');
    expect(text).toMatch(/<meta http-equiv="refresh" content="([3-9]|10)">/);
    await call('POST', `/jobs/${running}/cancel`, { reason: 'the test is over' });
    await waitFor('its end', async () => (await look(path)).text.includes('<h1>Cancelled</h1>'));
    const failed = await submitted('debug.fail', { message: 'connect ECONNREFUSED 10.0.0.3', retryable: false });
    const page = (await look(await link(failed, { shows: ['result', 'files'] }))).text;
    expect(page).toContain('<h1>It could not be completed</h1>');
    expect(page).not.toContain('ECONNREFUSED');
    const planned = await look(await link(await submitted('debug.echo', { value: 1 }, { delay: '1h' })));
    expect(planned.text).toMatch(/<h1>Planned<\/h1>[\s\S]*<dt>Begins<\/dt>/);
  });

  test('lets its reader download the result and its files, where the maker of the link said so', async () => {
    const file = await stack.api.call<{ id: string }>('POST', '/files?name=r%C3%A9port.csv', 'a,b\n1,2\n', { ...admin, 'content-type': 'text/csv' });
    const id = await submitted('debug.echo', { value: { report: { url: `/files/${file.body.id}/content` }, rows: 1.5 } });
    const path = await link(id, { shows: ['result', 'files'] });
    const { text } = await look(path);
    expect(text).toMatch(/<b>réport\.csv<\/b><small>text\/csv · 8 bytes<\/small>/);
    expect(text).not.toContain(file.body.id);
    const downloads = [...text.matchAll(/<a href="([^"]+)"/g)].map(([, href]) => href ?? '');
    expect(downloads).toEqual([`${path}/files/1`, `${path}/result`]);
    const content = await look(downloads[0] ?? '');
    expect([content.status, content.text]).toEqual([200, 'a,b\n1,2\n']);
    expect(content.headers.get('content-disposition')).toMatch(/^attachment;/);
    const result = await look(downloads[1] ?? '');
    expect([result.headers.get('content-disposition'), result.headers.get('content-type')]).toEqual([
      'attachment; filename="result.json"',
      'application/json; charset=utf-8',
    ]);
    expect(result.text).toContain('"rows":1.5');
    for (const part of ['/files/0', '/files/2', '/files/1.5', '/files/x']) expect((await look(path + part)).status).toBe(404);
    expect((await look(`${await link(id, { shows: ['files'] })}/result`)).status).toBe(404);
  });

  test('has no file of another tenant, though the result names it, and none of another job, whoever asks for it by its id', async () => {
    const upload = async (tenant: string, text: string) => {
      const { body } = await call<{ key: string }>('POST', '/keys', {
        name: tenant,
        tenant,
        scopes: ['files:write', 'files:read', 'jobs:submit', 'jobs:read'],
      });
      const headers = { authorization: `Bearer ${body.key}` };
      const file = await stack.api.call<{ id: string }>('POST', `/files?name=${tenant}.csv`, text, { ...headers, 'content-type': 'text/csv' });
      return { headers, id: file.body.id };
    };
    const [acme, globex] = [await upload('acme', 'of acme'), await upload('globex', 'of globex')];
    const mine = await stack.api.call<{ id: string }>('POST', '/files?name=mine.csv', 'of another job', { ...admin, 'content-type': 'text/csv' });
    const named = (ids: string[]) => ({ value: ids.map((id) => ({ url: `/files/${id}/content` })) });
    const wait = { prefer: 'wait=30' };
    const theirs = (await stack.api.submit('debug.echo', named([globex.id, acme.id]), undefined, { ...acme.headers, ...wait })).body.id;
    const page = await link(theirs, { shows: ['files'] });
    const { text } = await look(page);
    expect(text).toContain('acme.csv');
    expect(text).not.toContain('globex');
    expect([...text.matchAll(/<a href="([^"]+)"/g)].map(([, href]) => href)).toEqual([`${page}/files/1`]);
    expect((await look(`${page}/files/1`)).text).toBe('of acme');
    const others = await submitted('debug.echo', named([mine.body.id]));
    expect((await look(`${await link(others, { shows: ['files'] })}/files/1`)).text).toBe('of another job');
    for (const part of ['/files/2', `/files/${globex.id}`, `/files/${mine.body.id}`, `/files/${globex.id}/content`, `/files/1/../../${mine.body.id}`]) {
      const answer = await look(page + part);
      expect([part, answer.status, /of globex|of another job/.test(answer.text)]).toEqual([part, 404, false]);
    }
  });

  test('is what `longhaul link` makes, which prints the link alone', async () => {
    const id = await submitted('debug.echo', { value: 'made on the command line' });
    const env = { LONGHAUL_URL: stack.gateway.url, LONGHAUL_KEY: (admin['authorization'] ?? '').replace('Bearer ', '') };
    const made = await longhaul(['link', id, '--title', 'Your list', '--shows', 'result', '--timezone', 'Europe/Berlin'], env);
    expect([made.code, made.err]).toEqual([0, expect.stringMatching(/sees how the job stands until 20.*result can be downloaded there/)]);
    const path = made.out.trim().slice(PUBLIC.length);
    expect(made.out).toBe(`${PUBLIC}${path}\n`);
    expect((await look(path)).text).toContain('Your list');
    expect((await look(`${path}/result`)).text).toContain('made on the command line');
    const asJson = JSON.parse((await longhaul(['link', id, '--until', new Date(Date.now() + 3_600_000).toISOString(), '--json'], env)).out) as Link;
    expect(Date.parse(asJson.expiresAt)).toBeLessThan(Date.now() + 3_601_000);
    expect(await longhaul(['link', id, '--shows', 'payload'], env)).toMatchObject({ code: 4, out: '', err: expect.stringContaining('/shows') });
    expect(await longhaul(['link', NOBODYS], env)).toMatchObject({ code: 4, out: '' });
    expect(await longhaul(['link'], env)).toMatchObject({ code: 2, err: expect.stringContaining("expected a job's id") });
  });

  test('of an ended, a forged or a deleted link, or of a job that is gone, is one and the same', async () => {
    const id = await submitted('debug.echo', { value: 1 });
    const path = await link(id);
    const soon = await link(id, { expiresAt: new Date(Date.now() + 3_000).toISOString() });
    expect((await look(soon)).status).toBe(200);
    await waitFor('the end of the link', async () => (await look(soon)).status === 404);
    const ended = await look(soon);
    expect(ended.text).toContain('This link does not work');
    await stack.query('DELETE FROM jobs WHERE id = $1', [id]);
    for (const dead of [path, `${path.slice(0, -3)}abc`, '/p/x', `/p/${'a'.repeat(3_000)}`, `/p/first.${'A'.repeat(80)}`]) {
      const { status, text, headers } = await look(dead);
      expect([status, text]).toEqual([404, ended.text]);
      expect(headers.get('content-security-policy')).toBe(ended.headers.get('content-security-policy'));
    }
  });

  test('works on while the key of its link is in the list, and ends with it', async () => {
    const path = await link(await submitted('debug.echo', { value: 1 }));
    for (const [keys, status] of [
      [`${key('next')},${FIRST}`, 200],
      [key('next'), 404],
      ['', 404],
    ] as const) {
      const gateway = await spawnApp('gateway', { ...stack.env, LONGHAUL_SECRET_KEYS: keys, EMAIL_LINKS: 'job' });
      expect([keys.length, (await look(path, gateway.url)).status]).toEqual([keys.length, status]);
      if (keys === '') {
        const made = await fetch(`${gateway.url}/jobs/${await submitted('debug.echo', { value: 1 })}/links`, { method: 'POST', headers: admin });
        expect([made.status, ((await made.json()) as Problem).detail]).toEqual([409, expect.stringContaining('LONGHAUL_SECRET_KEYS')]);
      }
      await gateway.stop();
    }
  });

  test('needs a key with jobs:share, which gives away only what it may see itself, and the audit has no link', async () => {
    const id = await submitted('debug.echo', { value: 1 });
    const makeKey = async (scopes: string[]) =>
      ({ authorization: `Bearer ${(await call<{ key: string }>('POST', '/keys', { name: 'x', scopes })).body.key}` }) as Record<string, string>;
    const reads = await makeKey(['jobs:read', 'jobs:payload', 'files:read']);
    const shares = await makeKey(['jobs:share']);
    expect((await call('POST', `/jobs/${id}/links`, {}, reads)).status).toBe(403);
    expect((await call('POST', `/jobs/${id}/links`, {}, shares)).status).toBe(201);
    expect(await call('POST', `/jobs/${id}/links`, { shows: ['result'] }, shares)).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('jobs:payload') },
    });
    expect(await call('POST', `/jobs/${id}/links`, { shows: ['files'] }, shares)).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('files:read') },
    });
    expect((await call('POST', `/jobs/${NOBODYS}/links`)).status).toBe(404);
    const { body } = await call<{ items: { target: string; detail: { after: { statusUrl: string } } }[] }>('GET', '/audit?action=createStatusLink&limit=1');
    expect(body.items[0]).toMatchObject({ target: `/jobs/${id}/links`, detail: { after: { statusUrl: '…' } } });
  });

  test.each([
    [{ title: '' }, '/title'],
    [{ title: 'x'.repeat(101) }, '/title'],
    [{ shows: ['payload'] }, '/shows'],
    [{ shows: 'result' }, '/shows'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, '/expiresAt'],
    [{ expiresAt: '2100-01-01T00:00:00Z' }, '/expiresAt'],
    [{ expiresAt: 'soon' }, '/expiresAt'],
    [{ timezone: 'Mars/Olympus' }, '/timezone'],
    [{ forever: true }, '/forever'],
  ])('a link of %j is refused, and nothing is made', async (wrong, pointer) => {
    const id = await submitted('debug.echo', { value: 1 });
    expect(await call('POST', `/jobs/${id}/links`, wrong)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });

  test('is what the e-mail about an outcome links to, where EMAIL_LINKS says so', async () => {
    const id = await submitted('debug.echo', { value: 1 }, { notifyEmail: 'ada@example.org' });
    const mail = await waitFor('the e-mail', () => smtp.mails[0]);
    expect([mail.subject, `${mail.text ?? ''}${String(mail.html)}`.includes(id)]).toEqual(['Your request is ready', false]);
    expect(String(mail.html)).not.toMatch(/debug\.echo|succeeded/);
    const [, path = ''] = /https:\/\/jobs\.example\.com(\/p\/\S+)/.exec(mail.text ?? '') ?? [];
    expect(mail.text).not.toContain('/jobs/');
    expect(String(mail.html)).not.toContain('/jobs/');
    const { status, text } = await look(path);
    expect([status, text.includes('<h1>Ready</h1>'), text.includes('<a ')]).toEqual([200, true, false]);
  });
});
