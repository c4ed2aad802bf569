// Ring 2: .ci/run runs this file.
import { connect } from 'amqplib';
import type { Page } from 'playwright-core';
import { type Stack, startStack, waitFor } from '../support/index.js';
import { askedFor, ConsoleBrowser, describeWithBrowser, shot } from './console.js';

describeWithBrowser('the dead letters in a browser', () => {
  let stack: Stack;
  let pages: ConsoleBrowser;

  beforeAll(async () => {
    [stack, pages] = await Promise.all([startStack({ mode: 'distributed' }), ConsoleBrowser.launch()]);
  });
  afterEach(() => pages.reset());
  afterAll(async () => {
    await pages.close();
    await stack.stop();
  });

  /** The ids of jobs that have failed for one cause. */
  async function failed(message: string, many: number, payload: object = {}): Promise<string[]> {
    const ids: string[] = [];
    for (let index = 0; index < many; index++) ids.push(await stack.api.accepted('debug.fail', { message, retryable: false, ...payload }));
    for (const id of ids) await stack.api.waitForState(id, 'failed');
    return ids;
  }

  /** A message that is refused at the AMQP door. */
  async function refusedMessage(kind: string, body: string | Buffer, messageId: string): Promise<string> {
    const connection = await connect(stack.amqpUrl);
    const channel = await connection.createConfirmChannel();
    channel.publish('longhaul.submit', kind, Buffer.from(body), {
      contentType: 'application/json',
      messageId,
      appId: 'billing-export',
      headers: { 'x-run': 7 },
    });
    await channel.waitForConfirms();
    await connection.close();
    return waitFor(`the dead letter of ${messageId}`, async () => {
      const letter = (await stack.api.deadLetters()).find((one) => one.messageId === messageId);
      if (!letter) throw new Error('there is none');
      return letter.id;
    });
  }

  async function discardAll(): Promise<void> {
    await stack.api.call('POST', '/dead-letters/discard', { all: true });
  }

  test('lead from a failed job to its cause, to an edit that is checked and shown, and back to a job that succeeds', async () => {
    const [id = ''] = await failed('the bank is closed', 1, { times: 5 });
    const page = await pages.open(stack.api.url, '/dead-letters');
    await page.getByRole('heading', { name: '1 dead letter, 1 cause' }).waitFor();
    await page.getByRole('tab', { name: 'Edit' }).click();
    const payload = page.getByLabel('Payload');
    await payload.fill((await payload.inputValue()).replace('"times": 5', '"times": "none"'));
    await page.getByText('/times', { exact: true }).first().waitFor();
    await payload.fill((await payload.inputValue()).replace('"times": "none"', '"times": 0'));
    await page.getByText('Fits the schema of debug.fail').waitFor();
    await shot(page, 'letter-edit', true);
    await page.getByRole('button', { name: 'Redrive it as edited…' }).click();
    await page
      .getByRole('dialog')
      .getByText(/longhaul dead-letters redrive .* --payload/)
      .waitFor();
    await shot(page, 'letter-redrive');
    await page.getByRole('button', { name: 'Redrive it as edited', exact: true }).click();
    await page.getByRole('region', { name: 'The letter' }).getByText('Put back').waitFor();
    await stack.api.waitForState(id, 'succeeded');
    await page
      .getByRole('link', { name: id.slice(-6) })
      .first()
      .click();
    await page.locator('main .badge', { hasText: 'succeeded' }).waitFor();
    expect(pages.faults).toEqual([]);
  });

  test('are acknowledged and opened again, put back together, and put away together, each after a look at how many', async () => {
    await discardAll();
    await failed('the disk is full', 3);
    for (const messageId of ['first', 'second']) await refusedMessage('no.such', '{}', messageId);
    const page = await pages.open(stack.api.url, '/dead-letters');
    await page.getByRole('heading', { name: '5 dead letters, 2 causes' }).waitFor();
    await page.getByRole('link', { name: /no\.such/ }).click();
    expect(page.url()).toContain('group=');
    await page.getByRole('button', { name: 'Acknowledge…' }).click();
    await page.getByLabel('Reason').fill('ordered');
    await page.getByLabel('Your name').fill('anna');
    await page.getByRole('button', { name: 'Acknowledge it' }).click();
    await page.getByText('by anna: ordered').waitFor();
    await page.getByRole('button', { name: 'Open again…' }).click();
    await page.getByRole('button', { name: 'Open it again' }).click();
    await page.getByRole('button', { name: 'Acknowledge…' }).waitFor();
    await page.getByRole('button', { name: 'Put all 2 away…' }).click();
    await page.getByText('Dry run: 2 letters match now.').waitFor();
    await shot(page, 'letters-discard');
    await page.getByRole('button', { name: 'Put 2 away' }).click();
    await page.getByText('2 put away.').waitFor();
    await page.getByRole('heading', { name: '3 dead letters, 1 cause' }).waitFor();
    await page.goto(`${stack.api.url}/console/dead-letters`);
    await page.getByText('1 of 3').waitFor();
    await page.getByRole('button', { name: 'The next letter' }).click();
    await page.getByText('2 of 3').waitFor();
    await page.getByRole('button', { name: 'Redrive all 3…' }).click();
    await page.getByText('Dry run: 3 letters match now.').waitFor();
    await page.getByLabel('At most so many a second').fill('many');
    await page.getByRole('button', { name: 'Redrive 3', exact: true }).click();
    await page.getByText('must be a whole number from 1 to 10000').first().waitFor();
    await page.getByLabel('At most so many a second').fill('50');
    await page.getByText('--rate 50').waitFor();
    await shot(page, 'letters-redrive');
    await page.getByRole('button', { name: 'Redrive 3', exact: true }).click();
    await page.getByText('They are being put back, one after the other.').waitFor();
    await page.locator('.note a[href*="/jobs/"]').click();
    await page.locator('main .badge', { hasText: 'succeeded' }).waitFor();
    expect(pages.faults).toEqual([]);
  });

  test('of messages show their bytes as text, JSON and hex, and become jobs of the right kind', async () => {
    await discardAll();
    const body = '{"value": [12345678901234567890, "é"]}';
    await refusedMessage('debug.ecko', body, 'export-1');
    await refusedMessage('debug.ecko', Buffer.from([0xff, 0x00, 0x7b]), 'export-2');
    const page = await pages.open(stack.api.url, '/dead-letters?view=all');
    await page.getByRole('link').filter({ hasText: 'debug.ecko' }).first().waitFor();
    const [first] = await stack.api
      .deadLetters<{ id: string; messageId: string }>()
      .then((letters) => letters.filter(({ messageId }) => messageId === 'export-1'));
    await page.goto(`${stack.api.url}/console/dead-letters?view=all&letter=${first?.id ?? ''}`);
    await page.getByRole('tab', { name: 'Text' }).click();
    expect(await page.getByRole('tabpanel').textContent()).toBe(body);
    await page.getByRole('tab', { name: 'JSON' }).click();
    expect(await page.getByRole('tabpanel').textContent()).toContain('12345678901234567890');
    await page.getByRole('tab', { name: 'Hex' }).click();
    await page.getByText('39 bytes, UTF-8, application/json').waitFor();
    expect(await page.getByRole('region', { name: 'The bytes as hex' }).textContent()).toContain('7b 22 76 61 6c 75 65 22');
    await shot(page, 'letter-hex', true);
    await page.getByRole('tab', { name: /^Headers/ }).click();
    await page.getByRole('row').filter({ hasText: 'x-run' }).getByText('7').waitFor();
    await page.getByText('billing-export').first().waitFor();
    await page.getByRole('tab', { name: 'Edit' }).click();
    await page.getByLabel('Kind').fill('debug.echo');
    await page.getByText('Fits the schema of debug.echo').waitFor();
    await page.getByRole('button', { name: 'Redrive it as edited…' }).click();
    await page.getByRole('button', { name: 'Redrive it as edited', exact: true }).click();
    await page.getByRole('region', { name: 'The letter' }).getByText('Put back').waitFor();
    expect(pages.faults).toEqual([]);
  });

  test('come and go by the stream, by cause and letter by letter, and nothing is asked for again', async () => {
    await discardAll();
    const page = await pages.open(stack.api.url, '/dead-letters');
    await page.getByText('Nothing was given up.').waitFor();
    const all = await pages.open(stack.api.url, '/dead-letters?view=all');
    await all.getByRole('heading', { name: 'All dead letters, newest first' }).waitFor();
    for (const one of [page, all]) await one.getByText('Live', { exact: true }).first().waitFor();
    await all.getByRole('tab').first().waitFor();
    const asked = [askedFor(page), askedFor(all)];
    await failed('the roof leaks', 1);
    await page.getByRole('heading', { name: '1 dead letter, 1 cause' }).waitFor();
    await all.getByRole('link', { name: 'the roof leaks' }).waitFor();
    await discardAll();
    await all.getByRole('listitem').filter({ hasText: 'the roof leaks' }).getByText('put away').waitFor();
    await page.getByRole('heading', { name: 'No dead letters' }).waitFor();
    const lists = asked.flat().filter((path) => /dead-letters(\/groups)?$/.test(path));
    // The letter that is opened at the right is asked for once, with the way to the others of its cause.
    expect(lists.length).toBeLessThanOrEqual(1);
    expect(pages.faults).toEqual([]);
  });

  test('are led by the keyboard alone', async () => {
    await discardAll();
    await failed('no paper', 1);
    const page = await pages.open(stack.api.url, '/dead-letters');
    const cause = page.getByRole('link', { name: 'no paper' });
    await cause.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: /^Errors/ }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByLabel('Payload').waitFor();
    await page.getByRole('button', { name: 'Redrive this one…' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Redrive this one…' }).and(page.locator(':focus')).waitFor();
    expect(pages.faults).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('have nothing serious for axe, fit 390 px, and are kept as pictures, in %s colours', async (colorScheme) => {
    await discardAll();
    await failed('prices answered HTTP 500', 5);
    await failed('hooks.acme.example answered HTTP 503, and no other answer came within a minute', 1);
    const letter = await refusedMessage('report.agregate', '{"table":"demo_weather","period":"monthly","format":["csv","pdf"]}', `shown-${colorScheme}`);
    const ready = (page: Page): Promise<void> => page.locator('main .causes li, main [role=tab], main .empty').and(page.locator(':visible')).first().waitFor();
    const screens = {
      'dead-letters': { path: '/dead-letters', ready },
      'dead-letter': { path: `/dead-letters?view=all&letter=${letter}&tab=hex`, ready },
      'dead-letter-edit': { path: `/dead-letters?view=all&letter=${letter}&tab=edit`, ready },
      'no-dead-letters': { path: '/dead-letters?kind=no.such', ready },
    };
    expect(await pages.lookAt(stack.api.url, screens, colorScheme)).toEqual([]);
    expect(pages.faults).toEqual([]);
  });
});
