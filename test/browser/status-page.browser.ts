// Ring 3: npm run proofs runs this file.
import { randomBytes } from 'node:crypto';
import { type Stack, startStack } from '../support/index.js';
import { ConsoleBrowser, describeWithBrowser, NARROW, seriousFaults, shot, WIDE } from './console.js';

describeWithBrowser('a status page, in a browser', () => {
  let stack: Stack;
  let pages: ConsoleBrowser;
  beforeAll(async () => {
    const env = { LONGHAUL_SECRET_KEYS: `a:${randomBytes(32).toString('base64')}` };
    [stack, pages] = await Promise.all([startStack({ mode: 'single-process', env }), ConsoleBrowser.launch()]);
  });
  afterEach(() => pages.reset());
  afterAll(async () => {
    await pages.close();
    await stack.stop();
  });

  const link = async (id: string, body: object): Promise<string> =>
    (await stack.api.call<{ statusUrl: string }>('POST', `/jobs/${id}/links`, body)).body.statusUrl;

  test('looks again by itself, ends with what may be downloaded, fits 390 px, and axe finds nothing serious, in both colour schemes', async () => {
    const file = await stack.api.call<{ id: string }>('POST', '/files?name=birdstrikes-by-airport-and-month-of-2026.csv', 'a,b\n'.repeat(30_000), {
      'content-type': 'text/csv',
    });
    const done = await stack.api.accepted('debug.echo', { value: { url: `/files/${file.body.id}/content` } });
    await stack.api.waitForState(done, 'succeeded');
    const failed = await stack.api.accepted('debug.fail', { message: 'no', retryable: false });
    await stack.api.waitForState(failed, 'failed');
    const running = await stack.api.accepted('debug.sleep', { ms: 300_000 });
    const planned = await stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h' });
    const about = { title: 'Weather in Seattle by month', timezone: 'Europe/Berlin' };
    const paths: Record<string, string> = {
      running: await link(running, about),
      done: await link(done, { ...about, shows: ['result', 'files'] }),
      failed: await link(failed, {}),
      planned: await link(planned, about),
      dead: '/p/none',
    };
    for (const [name, path] of Object.entries(paths)) {
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const viewport of [WIDE, NARROW]) {
          const page = await pages.openPage(stack.api.url + path, { viewport, colorScheme });
          if (name === 'running') await page.locator('progress').waitFor();
          const where = `${name} ${colorScheme} ${String(viewport.width)}`;
          expect([where, await page.evaluate('document.documentElement.scrollWidth - innerWidth')]).toEqual([where, 0]);
          // What reloads by itself can be stopped, which axe cannot know.
          if (['running', 'planned'].includes(name)) await page.getByRole('link', { name: 'Stop that' }).click();
          if (name === 'running') await page.getByRole('link', { name: 'Look again every few seconds' }).waitFor();
          expect([where, await seriousFaults(page)]).toEqual([where, []]);
          await shot(page, `status-${name}-${colorScheme}-${String(viewport.width)}`, true);
          await page.context().close();
        }
      }
    }
    const page = await pages.openPage(stack.api.url + (paths['running'] ?? ''));
    await page.getByRole('heading', { name: 'Being worked on' }).waitFor();
    await stack.api.call('POST', `/jobs/${running}/cancel`);
    await page.getByRole('heading', { name: 'Cancelled' }).waitFor();
    const ready = await pages.openPage(stack.api.url + (paths['done'] ?? ''));
    const [download] = await Promise.all([ready.waitForEvent('download'), ready.getByRole('link', { name: 'Download birdstrikes' }).click()]);
    expect(download.suggestedFilename()).toBe('birdstrikes-by-airport-and-month-of-2026.csv');
    expect(pages.faults).toEqual([]);
  });
});
