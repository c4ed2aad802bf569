import { type Alert, type WebhookEndpoint } from '@app/core';
import { Environment } from '@app/host';
import { notificationsConfig } from '../notifications.config.js';
import { alertTellings, wantsAlerts } from './alert-tellings.js';

const MAIL = { SMTP_URL: 'smtp://127.0.0.1', EMAIL_FROM: 'a@example.org', PUBLIC_URL: 'https://jobs.example.com/lh' };
const config = (env: NodeJS.ProcessEnv) => notificationsConfig(new Environment(env), env);
const alert: Alert = {
  ...{ id: '0190a0a0-0000-7000-8000-000000000000', rule: 'no_worker', level: 'error', message: '2 jobs wait.', link: '/workers', fix: 'Start `one`' },
  openedAt: new Date(0),
  endedAt: null,
};
const endpoint = (id: string, events: string[]): WebhookEndpoint => ({
  ...{ id, events, tenant: 'default', url: `https://example.com/${id}`, description: '', kinds: [], tags: [], secrets: [] },
  ...{ disabledAt: null, disabledReason: null, createdAt: new Date(0) },
});

test('an alert goes to the endpoints that name its event, and to none that names no event or those of jobs', () => {
  const endpoints = [endpoint('a', ['alert.opened']), endpoint('b', ['alert.ended']), endpoint('c', []), endpoint('d', ['job.failed'])];
  const tellings = alertTellings(alert, endpoints, config({}));
  expect(tellings.map(({ delivery }) => [delivery?.url, delivery?.type, delivery?.jobId])).toEqual([['https://example.com/a', 'alert.opened', null]]);
  expect(alertTellings({ ...alert, endedAt: new Date(1) }, endpoints, config({})).map(({ delivery }) => delivery?.url)).toEqual(['https://example.com/b']);
  expect(endpoints.filter(wantsAlerts).map(({ id }) => id)).toEqual(['a', 'b']);
});

test('its webhook has the rule, the words, what to do and an absolute link, and the same id whenever it is made', () => {
  const [first, again] = [1, 2].map(() => alertTellings(alert, [endpoint('a', ['alert.opened'])], config({ PUBLIC_URL: 'https://jobs.example.com/lh' }))[0]);
  expect(JSON.parse(String(first?.delivery?.body))).toEqual({
    type: 'alert.opened',
    timestamp: '1970-01-01T00:00:00.000Z',
    data: { ...alert, link: 'https://jobs.example.com/lh/workers', openedAt: '1970-01-01T00:00:00.000Z' },
  });
  expect(again?.delivery?.webhookId).toBe(first?.delivery?.webhookId);
});

test('each address of ALERT_EMAILS gets an e-mail with a link to the page of the console', () => {
  const tellings = alertTellings(alert, [], config({ ...MAIL, ALERT_EMAILS: 'ada@example.org,bob@example.org' }));
  expect(tellings.map(({ request }) => request.payload)).toMatchObject([
    { to: 'ada@example.org', alert: { link: 'https://jobs.example.com/lh/console/workers' } },
    { to: 'bob@example.org', alert: { rule: 'no_worker' } },
  ]);
});

test.each([
  [{ ...MAIL, ALERT_EMAILS: 'ada' }, /ALERT_EMAILS/],
  [{ ALERT_EMAILS: 'ada@example.org' }, /ALERT_EMAILS.*ada@example\.org/],
  [{ ALERT_RULES: 'no_wroker' }, /ALERT_RULES.*no_worker.*no_wroker/],
  [{ ALERT_AFTER_SECONDS: '-1' }, /ALERT_AFTER_SECONDS/],
])('wrong configuration is one line that names the variable: %j', (env, line) => {
  expect(() => config(env)).toThrow(line);
});

test('a tenant hears of no alert of the installation, whatever its endpoint names', () => {
  const named = (tenant: string): WebhookEndpoint => ({ ...endpoint(tenant, ['alert.opened']), tenant });
  const tellings = alertTellings(alert, [named('acme'), named('default'), named('*')], config({}));
  expect(tellings.map(({ delivery }) => [delivery?.endpointId, delivery?.tenant])).toEqual([['default', '*'], ['*', '*']]); // prettier-ignore
});
