// Ring 2: .ci/run runs this file.
import type { Page } from 'playwright-core';
import { type Stack, startStack, waitFor, type WebhookReceiver, webhookReceiver } from '../support/index.js';
import { ConsoleBrowser, describeWithBrowser, seriousFaults, shot } from './console.js';

describeWithBrowser('webhooks in the console', () => {
  let stack: Stack;
  let receiver: WebhookReceiver;
  let browser: ConsoleBrowser;

  beforeAll(async () => {
    [stack, receiver, browser] = await Promise.all([
      startStack({ mode: 'single-process', env: { WEBHOOK_ALLOW_PRIVATE: '1' } }),
      webhookReceiver(),
      ConsoleBrowser.launch(),
    ]);
  });
  afterEach(() => browser.reset());
  afterAll(async () => {
    await browser.close();
    await receiver.close();
    await stack.stop();
  });

  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

  test('an endpoint is made, gets what ends, is sent a failed delivery again, is disabled, enabled and deleted', async () => {
    const page = await browser.open(stack.api.url, '/webhooks');
    await page.getByText('No endpoints.').waitFor();
    await press(page, 'Endpoint…');
    await page.getByLabel('URL').fill('nowhere:1');
    await press(page, 'Make it');
    await page.getByRole('alert').waitFor();
    await page.getByLabel('URL').fill(`${receiver.url}/hook`);
    await page.getByLabel('A job has succeeded').check();
    await page.getByLabel('Only of kinds').fill('debug.echo');
    await page.getByText('It is told of jobs of debug.echo that succeed, from now on.').waitFor();
    await press(page, 'Make it');
    const secret = await page.getByText(/^whsec_/).textContent();
    receiver.secrets.push(secret ?? '');
    await press(page, 'It is copied');
    expect(await page.content()).not.toContain(secret);

    await press(page, 'Send a test…');
    await press(page, 'Send it now');
    await page.getByText(`${receiver.url}/hook took it.`).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    receiver.answer = (response) => response.writeHead(503, { 'content-type': 'text/plain' }).end('down for repair');
    await press(page, 'Send another…');
    await press(page, 'Send it now');
    await page.getByRole('status').filter({ hasText: 'did not take it: expected a status of 200 to 299, got: 503.' }).waitFor();
    await page.getByText('down for repair').waitFor();
    await shot(page, 'webhook-test');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    expect(receiver.received.map(({ body }) => body.type)).toEqual(['webhook.test', 'webhook.test']);

    const job = await stack.api.accepted('debug.echo', { value: 1 });
    await page
      .getByText(/^503 in /)
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'job.succeeded' }).click();
    await page.getByText('down for repair').first().waitFor();
    receiver.answer = (response) => response.writeHead(204).end();
    await press(page, 'Send it again…');
    await press(page, 'Send it now');
    // It may have been tried again by itself meanwhile.
    await page.getByText(/^204 in .*, attempt \d$/).waitFor();
    const got = receiver.of(job);
    expect(got.length).toBeGreaterThan(1);
    expect(got.every(({ id, verifiedBy }) => id === got[0]?.id && verifiedBy.includes(secret ?? ''))).toBe(true);
    await page.getByRole('link', { name: 'Close' }).click();

    const told = page.getByRole('switch', { name: `${receiver.url}/hook is told` });
    await told.click();
    await press(page, 'Disable it');
    await page.getByText('1 endpoint, 1 disabled').waitFor();
    await told.click();
    await press(page, 'Enable it');
    await page.getByRole('heading', { name: '1 endpoint', exact: true }).waitFor();
    await press(page, 'Rotate secret…');
    await press(page, 'Make a new secret');
    await press(page, 'It is copied');
    await page.getByText('2 secrets sign now').waitFor();
    await press(page, 'Delete…');
    await press(page, 'Delete it');
    await page.getByText('No endpoints.').waitFor();
    expect(browser.faults).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('have nothing serious for axe, fit 390 px, and are kept as pictures, in %s colours', async (colorScheme) => {
    await stack.api.call('POST', '/webhooks/endpoints', { url: `${receiver.url}/${colorScheme}`, description: 'The shop', kinds: ['debug.*'], events: ['job.failed', 'job.succeeded'] }); // prettier-ignore
    await stack.api.accepted('debug.echo', { value: colorScheme });
    const { items } = await waitFor('a delivery', async () => {
      const { body } = await stack.api.call<{ items: { id: string }[] }>('GET', '/webhooks/deliveries?state=succeeded');
      return body.items.length > 0 && body;
    });
    const screens = {
      webhooks: { path: '/webhooks', ready: (page: Page) => page.getByText('204 in').first().waitFor() },
      delivery: { path: `/webhooks?delivery=${items[0]?.id ?? ''}`, ready: (page: Page) => page.getByRole('region', { name: 'body' }).waitFor() },
    };
    expect(await browser.lookAt(stack.api.url, screens, colorScheme)).toEqual([]);
    const page = await browser.open(stack.api.url, '/webhooks', { colorScheme });
    await press(page, 'Endpoint…');
    await page.getByLabel('URL').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(browser.faults).toEqual([]);
  });
});
