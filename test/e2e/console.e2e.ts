import { type Stack, startStack } from '../support/index.js';

describe('the console of a gateway', () => {
  let stack: Stack;
  let below: Stack;

  beforeAll(async () => {
    [stack, below] = await Promise.all([
      startStack({ mode: 'single-process' }),
      startStack({ mode: 'single-process', env: { PUBLIC_URL: 'https://example.org/long/haul' } }),
    ]);
  });
  afterAll(() => Promise.all([stack.stop(), below.stop()]));

  const get = (path: string, headers: Record<string, string> = {}, of = stack) => fetch(`${of.api.url}${path}`, { headers });
  const assetsOf = (page: string): string[] => [...page.matchAll(/(?:src|href)="([^"]*\/assets\/[^"]+)"/g)].map(([, path]) => String(path));

  test('is one page for all its screens, which nobody frames and nobody keeps', async () => {
    for (const path of ['/console', '/console/', '/console/jobs?state=failed', '/console/jobs/01890000-0000-7000-8000-000000000000']) {
      const answer = await get(path, { accept: 'text/html' });
      expect([path, answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
        path,
        200,
        'text/html; charset=utf-8',
        'no-store',
      ]);
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
    }
  });

  test('has a nonce that is new in each answer, and that its scripts and styles carry', async () => {
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const answer = await get('/console');
        const nonce = /'nonce-([^']+)'/.exec(answer.headers.get('content-security-policy') ?? '')?.[1] ?? '';
        const page = await answer.text();
        expect(page).not.toContain('LONGHAUL_NONCE');
        for (const [tag] of page.matchAll(/<(script|link rel="stylesheet")[^>]*>/g)) expect(tag).toContain(`nonce="${nonce}"`);
        expect(page).not.toMatch(/<script(?![^>]*src=)/);
        return nonce;
      }),
    );
    expect(nonces[0]).toHaveLength(24);
    expect(nonces[0]).not.toBe(nonces[1]);
  });

  test('gives its files with names that change with their content, compressed or plain as the client takes them', async () => {
    const [asset = ''] = assetsOf(await (await get('/console')).text());
    const packed = await get(asset, { 'accept-encoding': 'gzip' });
    expect([packed.status, packed.headers.get('cache-control'), packed.headers.get('content-encoding'), packed.headers.get('vary')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
      'gzip',
      'Accept-Encoding',
    ]);
    const plain = await get(asset, { 'accept-encoding': 'identity' });
    expect([plain.status, plain.headers.get('content-encoding'), plain.headers.get('content-type')]).toEqual([200, null, 'text/javascript; charset=utf-8']);
    // fetch has unpacked the first.
    expect(Buffer.from(await plain.arrayBuffer()).equals(Buffer.from(await packed.arrayBuffer()))).toBe(true);
  });

  test('answers 404 for a file of another version, and refuses what is no GET', async () => {
    const gone = await get('/console/assets/index-OLD.js');
    expect([gone.status, gone.headers.get('content-type')]).toEqual([404, 'application/problem+json; charset=utf-8']);
    expect(await gone.json()).toMatchObject({ type: '/problems/not-found', detail: expect.stringContaining('load its page again') });
    expect((await fetch(`${stack.api.url}/console`, { method: 'POST' })).status).toBe(405);
  });

  test('is found below the path of PUBLIC_URL, with its files and the API', async () => {
    const page = await (await get('/long/haul/console/jobs', {}, below)).text();
    expect(page).toContain('<meta name="longhaul-path" content="/long/haul"');
    const assets = assetsOf(page);
    expect(assets.length).toBeGreaterThan(0);
    for (const asset of assets) {
      expect(asset).toMatch(/^\/long\/haul\/console\/assets\//);
      expect((await get(asset, {}, below)).status).toBe(200);
    }
  });
});
