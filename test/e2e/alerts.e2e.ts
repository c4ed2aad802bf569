// Ring 2: .ci/run runs this file.
import { type SmtpReceiver, smtpReceiver } from '../support/smtp-receiver.js';
import type { AlertPage } from '@app/contracts';
import { longhaul } from '../support/longhaul.js';
import { type App, describeWithBroker, spawnApp, type Stack, startStack, waitFor, type WebhookReceiver, webhookReceiver } from '../support/index.js';

describeWithBroker('operators of two gateways', () => {
  let stack: Stack;
  const more: App[] = [];
  let smtp: SmtpReceiver;
  let hook: WebhookReceiver;
  beforeAll(async () => {
    [smtp, hook] = await Promise.all([smtpReceiver(), webhookReceiver()]);
    const mail = { SMTP_URL: smtp.url, EMAIL_FROM: 'Longhaul <jobs@example.com>', PUBLIC_URL: 'https://jobs.example.com' };
    stack = await startStack({
      mode: 'distributed',
      env: {
        ...mail,
        // Others are told too where a machine is slow for a second, such as that a gateway is overloaded.
        ALERT_RULES: 'no_worker,new_failures',
        ...{ ALERT_EMAILS: 'ops@example.org', ALERT_AFTER_SECONDS: '1', QUEUES: 'lonely', WORKER_QUEUES: 'default,webhooks,email' },
        WEBHOOK_ALLOW_PRIVATE: '1',
      },
    });
    more.push(await spawnApp('gateway', stack.env));
    const { body } = await stack.api.call<{ secret: string }>('POST', '/webhooks/endpoints', { url: hook.url, events: ['alert.opened', 'alert.ended'] });
    hook.secrets.push(body.secret);
  });
  afterAll(async () => {
    await Promise.all(more.map((app) => app.stop()));
    await stack.stop();
    await Promise.all([smtp.close(), hook.close()]);
  });

  const told = (rule: string) => hook.received.filter(({ body }) => (body.data as unknown as { rule: string }).rule === rule);
  const events = (rule: string) => told(rule).map(({ body }) => body.type);
  const mails = (text: string) => smtp.mails.filter((mail) => mail.text?.includes(text));

  test('are told once that a queue has no worker, by signed webhook and by e-mail, and once that it has one again', async () => {
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { queue: 'lonely' });
    await waitFor('the alert', () => told('no_worker').length > 0);
    const [opened] = told('no_worker');
    expect(opened?.verifiedBy).toHaveLength(1);
    expect(opened?.body).toMatchObject({
      type: 'alert.opened',
      data: {
        level: 'error',
        message: expect.stringContaining('1 job of queue lonely waits') as unknown,
        link: 'https://jobs.example.com/workers',
        endedAt: null,
      },
    });
    const mail = await waitFor('the e-mail', () => mails('queue lonely')[0]);
    expect(mail).toMatchObject({ to: { text: 'ops@example.org' }, subject: expect.stringContaining('1 job of queue lonely waits') as unknown });
    expect(mail.html).toContain('href="https://jobs.example.com/console/workers"');

    const listed = async (query = '') => (await stack.api.call<AlertPage>('GET', `/alerts?rule=no_worker${query}`)).body;
    expect(await listed()).toMatchObject({
      told: true,
      items: [{ rule: 'no_worker', link: '/workers', toldAt: expect.any(String) as unknown, endedAt: null }],
    });
    expect((await listed('&state=ended')).items).toEqual([]);

    const deliveries = await stack.api.call<{ items: { jobId: string | null; type: string; links: object }[] }>('GET', '/webhooks/deliveries');
    expect(hook.received.map(({ body }) => body.data)).toMatchObject([{ rule: 'no_worker' }]);
    expect(deliveries.body.items).toMatchObject([{ type: 'alert.opened', jobId: null }]);
    expect(deliveries.body.items[0]?.links).not.toHaveProperty('job');

    more.push(await spawnApp('worker', { ...stack.env, WORKER_QUEUES: '' }));
    await stack.api.waitForState(id, 'succeeded');
    await waitFor('its end', () => told('no_worker').length === 2);
    expect(events('no_worker')).toEqual(['alert.opened', 'alert.ended']);
    await waitFor('the second e-mail', () => mails('queue lonely').length === 2);
    expect(mails('queue lonely')[1]?.subject).toMatch(/^It is over: 1 job of queue lonely/);
    expect((await listed()).items).toEqual([]);
    expect((await listed('&state=ended')).items).toMatchObject([{ rule: 'no_worker', endedAt: expect.any(String) as unknown }]);
  });

  test('are told of each new group of dead letters', async () => {
    for (const message of ['one', 'two']) await stack.api.accepted('debug.fail', { message, retryable: false });
    await waitFor('the alert', () => told('new_failures').length > 0);
    expect(told('new_failures')[0]?.body.data).toMatchObject({
      level: 'warning',
      link: expect.stringMatching(/dead-letters\?source=job&kind=debug\.fail&reason=/) as unknown,
    });
    await waitFor('its e-mail', () => mails('debug.fail').length > 0);
    expect(told('new_failures')).toHaveLength(1);
  });
});

describeWithBroker('operators of a gateway where nobody is told', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', env: { ALERT_RULES: 'no_worker', ALERT_AFTER_SECONDS: '0', QUEUES: 'lonely', WORKER_QUEUES: 'default' } });
  });
  afterAll(() => stack.stop());

  const cli = (...args: string[]) => longhaul(['alerts', '--url', stack.gateway.url, ...args], stack.env);

  test('find what is not well on the list of alerts, and on the command line, which says that nobody is told', async () => {
    expect(await cli()).toMatchObject({ code: 0, out: '', err: expect.stringMatching(/^no alert is open\nnobody is told of alerts: /) as unknown });
    await stack.api.accepted('debug.echo', { value: 1 }, { queue: 'lonely' });
    const alerts = async () => (await stack.api.call<AlertPage>('GET', '/alerts')).body;
    await waitFor('the alert', async () => (await alerts()).items.length > 0, { timeoutMs: 180_000 });
    expect(await alerts()).toMatchObject({ told: false, nextCursor: null, items: [{ rule: 'no_worker', toldAt: null, endedAt: null }] });
    const { out, code } = await cli('--rule', 'no_worker');
    expect([code, out]).toEqual([0, expect.stringMatching(/^error no_worker, since \S+Z: 1 job of queue lonely waits .*\n {2}Start a worker .*\n$/)]);
    expect((await cli('--rule', 'no_wroker')).code).toBe(4);
  }, 240_000);
});
