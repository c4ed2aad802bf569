// Ring 2: .ci/run runs this file.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SmtpReceiver, smtpReceiver } from '../support/smtp-receiver.js';
import { describeEachModeInProofs, type Stack, startStack, waitFor } from '../support/index.js';

interface Refused {
  detail: string;
  errors: { pointer: string }[];
}

describeEachModeInProofs('e-mail in %s mode', (mode) => {
  let stack: Stack;
  let smtp: SmtpReceiver;
  beforeAll(async () => {
    smtp = await smtpReceiver();
    stack = await startStack({
      mode,
      env: { SMTP_URL: smtp.url, EMAIL_FROM: 'Longhaul <jobs@example.com>', PUBLIC_URL: 'https://jobs.example.com', EMAIL_PER_HOUR: '4' },
    });
  });
  afterAll(async () => {
    await stack.stop();
    await smtp.close();
  });

  const mailsAbout = (id: string) => smtp.mails.filter(({ text }) => text?.includes(id));

  test('who asked for it gets one, laid out, as text and HTML, with the time in words and a link to the job (C36)', async () => {
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { notifyEmail: 'ada@example.org' });
    const mail = await waitFor('the e-mail', () => mailsAbout(id)[0]);
    expect(mail).toMatchObject({ subject: 'debug.echo has succeeded', from: { text: '"Longhaul" <jobs@example.com>' }, to: { text: 'ada@example.org' } });
    expect(mail.messageId).toMatch(/^<[0-9a-f]{32}@example\.com>$/);
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.text).toContain(`https://jobs.example.com/console/jobs/${id}`);
    expect(mail.html).toContain(`href="https://jobs.example.com/console/jobs/${id}"`);
    for (const body of [mail.text, String(mail.html)]) expect(body).toMatch(/\d{1,2} [A-Z][a-z]+ \d{4} at \d\d:\d\d UTC/);
    expect(mail.html).toMatch(/<table role="presentation"[\s\S]*>Longhaul<[\s\S]*has succeeded/);
    expect(mail.html).not.toMatch(/<script|<img|<link|src=/);
    await waitFor(
      'its job to end',
      async () => (await stack.api.call<{ items: unknown[] }>('GET', '/jobs?kind=longhaul.email&state=succeeded')).body.items.length === 1,
    );
    expect(mailsAbout(id)).toHaveLength(1);
  });

  test('the link leads a person to a page of the job, and a program to JSON as ever (C36)', async () => {
    const id = await stack.api.accepted('debug.echo', { value: ['<script>alert(1)</script>', 1] });
    await stack.api.waitForState(id, 'succeeded');
    const get = (accept?: string) => fetch(`${stack.gateway.url}/jobs/${id}`, { headers: accept === undefined ? {} : { accept } });
    const page = await get('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8');
    const html = await page.text();
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(html).toContain('has succeeded');
    expect(html).toMatch(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
    expect(html).not.toContain('<script');
    for (const accept of [undefined, '*/*', 'application/json', 'application/json, text/html;q=0.9']) {
      const answer = await get(accept);
      expect([accept, answer.headers.get('content-type'), ((await answer.json()) as { id: string }).id]).toEqual([
        accept,
        'application/json; charset=utf-8',
        id,
      ]);
      expect(answer.headers.get('vary')).toContain('Accept');
    }
    expect(page.headers.get('vary')).toContain('Accept');
    const missing = await fetch(`${stack.gateway.url}/jobs/nonsense`, { headers: { accept: 'text/html' } });
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'application/problem+json; charset=utf-8']);
  });

  test('a failure is told with its code and without its text, which a caller may have chosen (E16)', async () => {
    const id = await stack.api.accepted('debug.fail', { message: 'send money to me', retryable: false }, { notifyEmail: 'ada@example.org' });
    const mail = await waitFor('the e-mail', () => mailsAbout(id)[0]);
    expect(mail.subject).toBe('debug.fail has failed');
    expect(mail.text).toMatch(/Reason {4}non_retryable\n/);
    expect(`${String(mail.text)}${String(mail.html)}`).not.toContain('money');
  });

  test('an address gets no more than so many in an hour, whoever asks (E16)', async () => {
    const to = 'Flooded@example.org';
    const ids = await Promise.all(Array.from({ length: 12 }, (_, value) => stack.api.accepted('debug.echo', { value }, { notifyEmail: to })));
    const letters = await waitFor('each to be sent or refused', async () => {
      const refused = (await stack.api.deadLetters('?kind=longhaul.email')).filter(({ reason }) => reason === 'email_rate');
      return refused.length + ids.flatMap(mailsAbout).length === 12 && refused;
    });
    expect(letters[0]?.detail).toContain('EMAIL_PER_HOUR');
    // Two hours may have had their share, if one struck in between.
    expect(letters.length).toBeGreaterThanOrEqual(4);
    const hours = await stack.query<{ sent: number }>('SELECT sent FROM email_counts WHERE recipient = $1', [to.toLowerCase()]);
    expect(hours.every(({ sent }) => sent <= 4)).toBe(true);
  });

  test('a server that cannot take it now is tried again; an address that it refuses is a dead letter', async () => {
    smtp.refusals.push({ code: 451, message: 'greylisted' });
    const later = await stack.api.accepted('debug.echo', { value: 1 }, { notifyEmail: 'ada@example.org' });
    await waitFor('the e-mail', () => mailsAbout(later)[0], { timeoutMs: 90_000 });
    expect(mailsAbout(later)).toHaveLength(1);
    smtp.refusals.push({ code: 550, message: 'no such user' });
    await stack.api.accepted('debug.echo', { value: 2 }, { notifyEmail: 'nobody@example.org' });
    const [letter] = await waitFor('the dead letter', async () => {
      const letters = await stack.api.deadLetters('?kind=longhaul.email&reason=email_rejected');
      return letters.length > 0 && letters;
    });
    expect(letter).toMatchObject({ reason: 'email_rejected', detail: expect.stringContaining('no such user') });
  });

  test.each(['ada@example.org\r\nBcc: all@example.org', '"ada\r\nBcc: all"@example.org', 'Ada <ada@example.org>', 'ada@example.org, bob@example.org', 'ada'])(
    'what is not one plain address is refused: %j',
    async (notifyEmail) => {
      const { status, body } = await stack.api.call<Refused>('POST', '/jobs', { kind: 'debug.echo', payload: { value: 1 }, options: { notifyEmail } });
      expect([status, body.errors[0]?.pointer]).toEqual([422, '/options/notifyEmail']);
    },
  );
});

// Each on a stack of its own: a gateway without an SMTP server would take jobs of the one with, and put them off.
describe('e-mail, by its configuration,', () => {
  const request = { kind: 'debug.echo', payload: { value: 1 }, options: { notifyEmail: 'ada@example.org' } };

  test('is refused with the reason when no SMTP server is known', async () => {
    const stack = await startStack({ mode: 'single-process' });
    try {
      const { status, body } = await stack.api.call<Refused>('POST', '/jobs', request);
      expect([status, body.errors[0]?.pointer]).toEqual([422, '/options/notifyEmail']);
      expect(body.detail).toContain('SMTP_URL is not set');
    } finally {
      await stack.stop();
    }
  });

  test('goes to domains of EMAIL_ALLOW_DOMAINS only, and has the text of errors where EMAIL_ERROR_TEXT lets it (E16)', async () => {
    const smtp = await smtpReceiver();
    const env = {
      SMTP_URL: smtp.url,
      EMAIL_FROM: 'jobs@example.com',
      PUBLIC_URL: 'https://jobs.example.com',
      EMAIL_ALLOW_DOMAINS: 'example.org',
      EMAIL_ERROR_TEXT: '1',
    };
    const stack = await startStack({ mode: 'single-process', env });
    try {
      const elsewhere = await stack.api.call<Refused>('POST', '/jobs', { ...request, options: { notifyEmail: 'ada@elsewhere.test' } });
      expect([elsewhere.status, elsewhere.body.errors[0]?.pointer]).toEqual([422, '/options/notifyEmail']);
      await stack.api.accepted('debug.fail', { message: '<b>no</b> account', retryable: false }, { notifyEmail: 'ada@example.org' });
      const mail = await waitFor('the e-mail', () => smtp.mails[0]);
      expect(mail.text).toContain('<b>no</b> account');
      expect(mail.html).toContain('&lt;b&gt;no&lt;/b&gt; account');
    } finally {
      await stack.stop();
      await smtp.close();
    }
  });

  test('has its text from a folder of templates where there is one, its times and its link as the settings say', async () => {
    const smtp = await smtpReceiver();
    const folder = await mkdtemp(join(tmpdir(), 'longhaul-templates-'));
    await writeFile(join(folder, 'subject.txt'), 'Fertig:\n{{kind}}');
    const env = {
      SMTP_URL: smtp.url,
      EMAIL_FROM: 'jobs@example.com',
      PUBLIC_URL: 'https://jobs.example.com',
      EMAIL_TEMPLATES: folder,
      EMAIL_TIMEZONE: 'Asia/Tokyo',
      EMAIL_LINKS: 'job',
    };
    const stack = await startStack({ mode: 'single-process', env });
    try {
      await stack.api.call('POST', '/jobs', request);
      const mail = await waitFor('the e-mail', () => smtp.mails[0]);
      expect(mail.subject).toBe('Fertig: debug.echo');
      expect(mail.text).toContain('debug.echo has succeeded');
      expect(mail.text).toMatch(/ at \d\d:\d\d Asia\/Tokyo\n/);
      expect(mail.text).toMatch(/https:\/\/jobs\.example\.com\/jobs\/[0-9a-f-]{36}\n/);
    } finally {
      await stack.stop();
      await smtp.close();
      await rm(folder, { recursive: true });
    }
  });
});
