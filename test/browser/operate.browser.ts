// Ring 3: npm run proofs runs this file.
import type { Page } from 'playwright-core';
import { spawnApp, type Stack, startStack, waitFor } from '../support/index.js';
import { askedFor, type ColorScheme, ConsoleBrowser, describeWithBrowser, NARROW, seriousFaults, shot, type WIDE } from './console.js';

describeWithBrowser('queues, limits, workers and schedules in the console', () => {
  let stack: Stack;
  let browser: ConsoleBrowser;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack({ mode: 'distributed' }), ConsoleBrowser.launch()]);
  });
  afterEach(() => browser.reset());
  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  const open = (path: string, options?: { viewport?: typeof WIDE; colorScheme?: ColorScheme }): Promise<Page> => browser.open(stack.api.url, path, options);
  const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

  test('a queue is paused with a reason, keeps what is submitted, and is resumed', async () => {
    const page = await open('/queues');
    const takes = page.getByRole('switch', { name: 'Queue default takes jobs' });
    await takes.click();
    await page.getByLabel('Reason').fill('new SMTP relay');
    await page.getByLabel('Your name').fill('ops');
    await page.getByText(`longhaul queues pause default --reason 'new SMTP relay' --by ops`).waitFor();
    await press(page, 'Pause default');
    await page.getByText('by ops: “new SMTP relay”').waitFor();
    await page.getByText('Queue default is paused').first().waitFor();
    // A pause holds from a second after its answer on.
    const id = await stack.api.accepted('debug.echo', { value: 'kept' }, { delay: '2s' });
    await page.getByText('Queue default is paused: 1 job waits there.').waitFor();
    await takes.click();
    await page.getByText('1 job waits now. 1 worker takes it').waitFor();
    await press(page, 'Resume default');
    await stack.api.waitForState(id, 'succeeded');
    await page.getByText('All queues take jobs.').waitFor();
    expect(await takes.getAttribute('aria-checked')).toBe('true');
    expect(browser.faults).toEqual([]);
  });

  test('a queue is paused and resumed by the keyboard alone', async () => {
    const page = await open('/queues');
    const takes = page.getByRole('switch', { name: 'Queue default takes jobs' });
    await takes.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('by hand');
    await page.keyboard.press('Enter');
    await page.getByText('“by hand”').waitFor();
    await takes.and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Space');
    await page.getByRole('dialog').waitFor();
    await page.getByRole('button', { name: 'Resume default' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('All queues take jobs.').waitFor();
    expect(browser.faults).toEqual([]);
  });

  test('one kind is paused while the others of its queue go on', async () => {
    const page = await open('/queues');
    await page.getByRole('switch', { name: 'Jobs of kind debug.fail start' }).click();
    await press(page, 'Pause debug.fail');
    await row(page, 'debug.fail').getByText('paused').waitFor();
    await stack.api.waitForState(await stack.api.accepted('debug.echo', { value: 'goes on' }), 'succeeded');
    await page.getByRole('switch', { name: 'Jobs of kind debug.fail start' }).click();
    await press(page, 'Resume debug.fail');
    await row(page, 'debug.fail').getByText('runs').waitFor();
    expect(browser.faults).toEqual([]);
  });

  test('a queue is shared by a tag, with weights, and is first come again', async () => {
    const page = await open('/queues');
    const order = page.getByRole('button', { name: 'Order of queue default' });
    await order.click();
    await press(page, 'Share by a tag');
    await press(page, 'worker time');
    await page.getByLabel('Weights').fill('acme=3');
    await page.getByText('longhaul queues set default --fair tag:tenant --cost time --weight acme=3').waitFor();
    await press(page, 'Share by tenant');
    await order.getByText('by tenant, time…').waitFor();
    await order.click();
    await press(page, 'First come');
    await press(page, 'First come, first served');
    await order.getByText('first come…').waitFor();
    expect(browser.faults).toEqual([]);
  });

  test('a limit is set with its preview, holds a job, which says why it waits, and is overridden for a time', async () => {
    const page = await open('/queues');
    await press(page, 'Limit…');
    await page.getByLabel('Name', { exact: true }).fill('naps');
    await page.getByLabel('At once').fill('none');
    await page.getByLabel('Kind', { exact: true }).fill('debug.sleep');
    await page.getByText('It is for kind debug.sleep: 0 jobs run now, 0 jobs wait.').waitFor();
    await press(page, 'Set naps');
    // The field itself says what the API expects.
    await page.getByRole('dialog').getByText('must be a whole number from 1 to 1000000, got: "none"').first().waitFor();
    await page.getByLabel('At once').fill('1');
    await page.getByText('longhaul limits set naps --kind debug.sleep --concurrency 1').waitFor();
    await press(page, 'Set naps');
    await page.getByRole('heading', { name: 'naps' }).waitFor();
    expect(new URL(page.url()).search).toBe('?limit=naps');

    const ids = [await stack.api.accepted('debug.sleep', { ms: 600_000 }), await stack.api.accepted('debug.sleep', { ms: 600_000 })];
    await page.getByText('Places taken, 1 of 1').waitFor();
    await page.getByText('Waiting for it, 1 job').waitFor();
    await page.getByRole('link', { name: 'Its jobs that wait' }).click();
    await page.getByRole('link', { name: 'debug.sleep' }).click();
    await page.getByText('Limit naps: 1 of 1 run, and none is before this one.').waitFor();
    await page.getByRole('link', { name: 'See the limit' }).click();

    await press(page, 'Override for a time…');
    await page.getByLabel('At once').fill('2');
    await page.getByText('2 instead of 1. 1 of the 1 job that waits for it may start at once.').waitFor();
    await page.getByText('longhaul limits override naps --concurrency 2 --until ').waitFor();
    await page.getByRole('button', { name: /^Override until / }).click();
    await page.getByText('Places taken, 2 of 2').waitFor();
    await press(page, 'End the override…');
    await page.getByText('1 of the 2 that have a place are too many: they run to their end').waitFor();
    await press(page, 'End it now');
    await page.getByText('1 too many, which run to their end').first().waitFor();
    for (const id of ids) await stack.api.call('POST', `/jobs/${id}/cancel`, {});

    await press(page, 'Delete…');
    await press(page, 'Delete naps');
    await page.getByText('There is no limit naps.').waitFor();
    expect(browser.faults).toEqual([]);
  });

  test('a schedule is made with a preview while it is typed, ticks, is triggered, filled up, paused and deleted', async () => {
    const page = await open('/schedules');
    await page.getByText('No schedules yet.').first().waitFor();
    await press(page, 'Schedule…');
    await page.getByLabel('Id', { exact: true }).fill('each-second');
    await page.getByLabel('Kind of its jobs').fill('debug.echo');
    const preview = page.getByRole('region', { name: 'Next ticks' });
    await page.getByLabel('Time zone').fill('Asia/Tokyo');
    await preview.getByText('In Asia/Tokyo').waitFor();
    await page.getByLabel('Pattern').fill('0 3 * *');
    await preview.getByText('They are shown as soon as the field above is right.').waitFor();
    await press(page, 'At intervals');
    await page.getByLabel('Every', { exact: true }).fill('1s');
    await waitFor('six ticks in the preview', async () => (await preview.locator('tbody tr').count()) === 6);
    await page.getByLabel('Payload of its jobs').fill('{"value": "tick"}');
    await page.getByText(`longhaul schedules put each-second --kind debug.echo --every 1s --payload '{"value":"tick"}' --revision none`).waitFor();
    await press(page, 'Make each-second');
    await page.getByRole('heading', { level: 1, name: 'each-second' }).waitFor();
    const ticks = page.getByRole('region', { name: 'Last ticks' });
    await ticks.getByText('made a job').first().waitFor();

    await press(page, 'Pause…');
    await page.getByLabel('Reason').fill('too often');
    await press(page, 'Pause each-second');
    await page.getByText('“too often”').waitFor();
    await press(page, 'Trigger…');
    await press(page, 'Make one job now');
    await ticks.getByText('made a job, by hand').first().waitFor();
    await press(page, 'Backfill…');
    const now = new Date();
    await page.getByLabel('From').fill(local(new Date(now.getTime() - 600_000)));
    await page.getByLabel('To', { exact: true }).fill(local(new Date(now.getTime() - 540_000)));
    await page.getByText('61 ticks in that time: 61 would get a job, 0 have one already.').waitFor();
    await press(page, 'Make 61 jobs');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await ticks.getByRole('link').first().click();
    await page.getByText('"tick"').first().waitFor();
    await page.goBack();

    await press(page, 'Edit…');
    await page.getByLabel('Description').fill('Echoes');
    await press(page, 'Change it');
    await page.getByText('Echoes. It makes no jobs of debug.echo before it is resumed.').waitFor();
    await press(page, 'Resume…');
    await press(page, 'Resume each-second');
    await page.getByText('It makes its next job of debug.echo').waitFor();
    await press(page, 'Delete…');
    await press(page, 'Delete each-second');
    await page.getByText('No schedules yet.').first().waitFor();
    expect(browser.faults).toEqual([]);
  });

  test('a schedule is found, paused and resumed by the keyboard alone', async () => {
    await stack.api.call('PUT', '/schedules/by-hand', { kind: 'debug.echo', payload: { value: 1 }, spec: { every: '1d' } });
    const page = await open('/schedules');
    await page.getByRole('link', { name: 'by-hand' }).waitFor();
    const tabTo = (name: string) =>
      waitFor(`the focus on ${name}`, async () => {
        await page.keyboard.press('Tab');
        return (await page.evaluate<string>('document.activeElement.textContent')) === name;
      });
    await tabTo('by-hand');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'by-hand' }).waitFor();
    await tabTo('Pause…');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('no hands');
    await page.keyboard.press('Enter');
    await page.getByText('“no hands”').waitFor();
    await tabTo('Resume…');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo('Resume by-hand');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Pause…' }).waitFor();
    await page.goto(`${stack.api.url}/console/schedules/by-hand`);
    await page.getByRole('heading', { level: 1, name: 'by-hand' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await stack.api.call('DELETE', '/schedules/by-hand');
    expect(browser.faults).toEqual([]);
  });

  test('schedules that others set, pause and delete are told by the stream, and nothing is asked for again', async () => {
    const page = await open('/schedules');
    await page.getByText('No schedules yet.').first().waitFor();
    await page.getByText('Live', { exact: true }).first().waitFor();
    const asked = askedFor(page);
    await stack.api.call('PUT', '/schedules/far', { kind: 'debug.echo', payload: { value: 1 }, spec: { every: '1s' } });
    await row(page, 'far').getByRole('img').first().waitFor();
    await stack.api.call('POST', '/schedules/far/pause', { reason: 'elsewhere' });
    await row(page, 'far').getByText('“elsewhere”').waitFor();
    expect(asked).toEqual([]);

    const one = await open('/schedules/far');
    await one.getByText('“elsewhere”').waitFor();
    await stack.api.call('DELETE', '/schedules/far');
    await one.getByText('There is no schedule far.').waitFor();
    await page.getByText('No schedules yet.').first().waitFor();
    expect(asked).toEqual([]);
    expect(browser.faults).toEqual([]);
  });

  test('a worker is drained from afar, ends, and goes from the list', async () => {
    const worker = await spawnApp('worker', stack.env);
    const page = await open('/workers');
    await page.getByRole('heading', { name: /^2 workers run/ }).waitFor();
    const [, newer] = await stack.query<{ id: number }>('SELECT id FROM workers ORDER BY id');
    const card = page.getByRole('region', { name: 'Worker ' }).filter({ hasText: `worker ${String(newer?.id)}` });
    await card.getByRole('button', { name: 'Drain…' }).click();
    await page.getByLabel('Reason').fill('its disk is full');
    await page.getByText(`longhaul workers drain ${String(newer?.id)} --reason 'its disk is full'`).waitFor();
    await press(page, `Drain worker ${String(newer?.id)}`);
    expect((await worker.exited).code).toBe(0);
    await page.getByRole('heading', { name: /^1 worker runs/ }).waitFor();
    expect(browser.faults).toEqual([]);
  });

  test('a worker is assigned other queues after a preview, which is shown with who and why, and gets back its own', async () => {
    await stack.api.call('PUT', '/queues/reports');
    await stack.api.call('PUT', '/queues/imports');
    const page = await open('/workers');
    await press(page, 'Queues…');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('It takes from the same queues as now.').waitFor();
    for (const name of await dialog.getByRole('checkbox').all()) await name.uncheck();
    await dialog.getByText('Choose one queue at least.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Assign these queues' }).isDisabled()).toBe(true);
    for (const name of ['default', 'reports']) await dialog.getByRole('checkbox', { name, exact: true }).check();
    await dialog.getByText(/It starts nothing new of .*imports/).waitFor();
    await dialog.getByText(/^No other worker takes .*imports.*: jobs wait there until one does\.$/).waitFor();
    await page.getByLabel('Reason').fill('the month ends');
    await page.getByLabel('Your name').fill('anna');
    await dialog.getByText(/longhaul workers assign \d+ --queues default,reports --reason 'the month ends' --by anna/).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await shot(page, 'worker-queues');
    await press(page, 'Assign these queues');
    await page
      .getByText(/It was assigned default, reports at .* by anna: “the month ends”\. When its process ends, one that starts anew takes from all again\./)
      .waitFor();
    await waitFor('the worker to take from them', async () => {
      const [row] = await stack.query<{ queues: string[] }>('SELECT queues FROM workers');
      return row?.queues.join() === 'default,reports';
    });
    await page.getByText('It has not read that yet.').waitFor({ state: 'detached' });
    await shot(page, 'worker-assigned', true);

    await press(page, 'Queues…');
    await press(page, 'What it was started with');
    await dialog.getByText('Its WORKER_QUEUES says: all.').waitFor();
    await dialog.getByText(/longhaul workers unassign \d+/).waitFor();
    await press(page, 'Give back its own');
    await page.getByText('It was assigned').waitFor({ state: 'detached' });
    for (const name of ['reports', 'imports']) await stack.api.call('DELETE', `/queues/${name}`);
    expect(browser.faults).toEqual([]);
  });

  describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
    beforeAll(fill);

    const look = (screens: Parameters<ConsoleBrowser['lookAt']>[1], fullPage = true) => browser.lookAt(stack.api.url, screens, colorScheme, fullPage);

    test('queues, a limit and workers have nothing serious for axe, fit 390 px, and are kept as pictures', async () => {
      const screens = {
        limit: { path: '/queues?limit=partner', ready: (page: Page) => page.getByText('globex').waitFor() },
        workers: { path: '/workers', ready: (page: Page) => page.getByRole('table').first().waitFor() },
      };
      expect(await look(screens)).toEqual([]);
      expect(browser.faults).toEqual([]);
    });

    test('schedules have nothing serious for axe, fit 390 px, and are kept as pictures', async () => {
      const screens = {
        schedules: { path: '/schedules', ready: (page: Page) => page.getByRole('img', { name: /^Of the last/ }).first().waitFor() }, // prettier-ignore
        schedule: { path: '/schedules/nightly-report', ready: (page: Page) => page.getByText('The report of the day before').first().waitFor() },
        ticks: { path: '/schedules/poll', ready: (page: Page) => page.getByRole('table').nth(1).waitFor() },
      };
      expect(await look(screens)).toEqual([]);
      expect(browser.faults).toEqual([]);
    });

    test('their dialogs have nothing serious for axe, fit 390 px, and are kept as pictures', async () => {
      const dialogs = {
        'limit-form': { path: '/queues', ready: (page: Page) => press(page, 'Limit…') },
        'schedule-form': {
          path: '/schedules',
          ready: async (page: Page) => {
            await press(page, 'Schedule…');
            await page.getByRole('region', { name: 'Next ticks' }).getByRole('row').nth(3).waitFor();
          },
        },
        'pause-form': { path: '/queues', ready: (page: Page) => page.getByRole('switch', { name: 'Queue default takes jobs' }).click() },
      };
      expect(await look(dialogs, false)).toEqual([]);
      expect(browser.faults).toEqual([]);
    });
  });

  test('are in the menu at 390 px, and lead to one another', async () => {
    const page = await open('/', { viewport: NARROW });
    for (const name of ['Queues and limits', 'Workers', 'Schedules']) {
      await page.getByRole('button', { name: 'Menu' }).click();
      await page.getByRole('dialog').getByRole('link', { name }).click();
      await page.locator('main h1').waitFor();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    expect(browser.faults).toEqual([]);
  });

  /** Something of everything, to be seen on the pictures. Done twice it changes nothing. */
  async function fill(): Promise<void> {
    const { api } = stack;
    await api.call('PUT', '/limits/partner', { match: { kind: 'debug.sleep' }, per: 'tag:tenant', concurrency: 2, rate: '20/s' });
    await api.call('PUT', '/limits/reports', { match: { queue: 'reports' }, concurrency: 5 });
    await api.call('POST', '/limits/reports/override', { concurrency: 8, until: new Date(Date.now() + 7_200_000).toISOString() });
    await api.call('PATCH', '/queues/default', { fair: { by: 'tag:tenant', cost: 'time' } });
    await api.call('PUT', '/queues/email');
    await api.call('POST', '/queues/email/pause', { reason: 'new SMTP relay', by: 'ops' });
    await api.call('PUT', '/schedules/nightly-report', {
      ...{ kind: 'debug.echo', payload: { value: 'eu' }, spec: { cron: '0 3 * * *', timezone: 'Asia/Tokyo' } },
      ...{ description: 'The report of the day before', jitter: '10m', overlap: 'buffer', pauseAfterFailures: 7 },
    });
    await api.call('PUT', '/schedules/poll', { kind: 'debug.echo', payload: { value: 1 }, spec: { every: '1s' } });
    await api.call('PUT', '/schedules/once-more', { kind: 'debug.echo', payload: { value: 1 }, spec: { every: '1h' } });
    await api.call('POST', '/schedules/once-more/pause', { reason: 'until the new year', by: 'ada' });
    for (const tenant of ['acme', 'globex'])
      for (let job = 0; job < 4; job++)
        await api.call(
          'POST',
          '/jobs',
          { kind: 'debug.sleep', payload: { ms: 600_000 }, options: { tags: [`tenant:${tenant}`] } },
          { 'idempotency-key': `${tenant}-${String(job)}` },
        );
    await api.call('POST', '/jobs', { kind: 'debug.echo', payload: { value: 1 }, options: { queue: 'email' } }, { 'idempotency-key': 'mail' });
    await waitFor('four jobs that run', async () => (await stack.query(`SELECT FROM jobs WHERE state = 'running'`)).length >= 4);
    await waitFor('ticks', async () => (await stack.query('SELECT FROM schedule_ticks')).length >= 3);
  }
});

/** As an input of type `datetime-local` takes it: the browser's zone is that of this process. */
function local(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
