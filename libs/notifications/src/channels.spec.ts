import { Environment } from '@app/host';
import { channelsOf } from './channels.js';
import { notificationsConfig } from './notifications.config.js';

const SMTP = { SMTP_URL: 'smtp://localhost', EMAIL_FROM: 'jobs@example.com', PUBLIC_URL: 'https://jobs.example.com' };
const config = (env: Record<string, string> = {}) => notificationsConfig(new Environment(env), env);
const faults = ({ callbackUrl, notifyEmail }: { callbackUrl?: string; notifyEmail?: string }, env: Record<string, string> = {}) => {
  const { webhook, email } = channelsOf(config(env));
  const pointers = { '/options/callbackUrl': callbackUrl && webhook?.fault(callbackUrl), '/options/notifyEmail': notifyEmail && email?.fault(notifyEmail) };
  return Object.entries(pointers).flatMap(([pointer, fault]) => (fault === undefined ? [] : [pointer]));
};

describe('how a caller wants to be told', () => {
  it.each([
    'https://example.com/hook',
    'http://example.com:8080/hook?a=b',
    'http://[2606:4700::1111]/',
    'http://my_service.example/',
    'http://_a.example_b/',
    'https://example.com./hook',
  ])('may be the callback URL %s (C29)', (callbackUrl) => {
    expect(faults({ callbackUrl })).toEqual([]);
  });

  it.each([
    'http://127.0.0.1/',
    'http://10.0.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::ffff:127.0.0.1]/',
    'http://[::1]/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://0x7f.1/',
    'http://localhost/',
    'http://a.localhost./',
    'https://user:secret@example.com/',
    'ftp://example.com/',
    'nothing',
    'http://exam\nple.com/',
    'http://168.63.129.16/',
    'http://[3ffe::1]/',
    'http://127.0.0.1./',
  ])('may not be the callback URL %s', (callbackUrl) => {
    expect(faults({ callbackUrl })).toEqual(['/options/callbackUrl']);
  });

  it('may be an inner host that is allowed by name, and not by http where https is required', () => {
    expect(faults({ callbackUrl: 'http://localhost:1/' }, { WEBHOOK_ALLOW_HOSTS: 'localhost' })).toEqual([]);
    expect(faults({ callbackUrl: 'http://127.0.0.1:1/' }, { WEBHOOK_ALLOW_PRIVATE: '1' })).toEqual([]);
    expect(faults({ callbackUrl: 'http://example.com/' }, { WEBHOOK_REQUIRE_HTTPS: '1' })).toEqual(['/options/callbackUrl']);
  });

  it.each(['ada@example.org', 'ada+jobs@mail.example.org', 'jörg@exämple.org'])('may be the address %s', (notifyEmail) => {
    expect(faults({ notifyEmail }, SMTP)).toEqual([]);
  });

  it.each([
    'ada',
    'a@b@c',
    'ada@example.org\nBcc: x@example.org',
    '"a\r\nb"@example.org',
    'Ada <ada@example.org>',
    'a@example.org,b@example.org',
    'a@[10.0.0.1]',
  ])('may not be the address %j', (notifyEmail) => {
    expect(faults({ notifyEmail }, SMTP)).toEqual(['/options/notifyEmail']);
  });

  it('may not be an address where no e-mail is sent', () => {
    expect(faults({ notifyEmail: 'ada@example.org' })).toEqual(['/options/notifyEmail']);
  });
});

describe('the configuration of notifications', () => {
  it('has the schedule of Standard Webhooks, 75 h 35 min in all', () => {
    const { scheduleMs } = config().webhooks;
    expect(scheduleMs).toHaveLength(9);
    expect(scheduleMs.reduce((sum, ms) => sum + ms, 0)).toBe(((75 * 60 + 35) * 60 + 5) * 1_000);
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ WEBHOOK_SCHEDULE: '5s,soon' }, /WEBHOOK_SCHEDULE/],
    [{ WEBHOOK_SECRET: 'whsec_short' }, /WEBHOOK_SECRET/],
    [{ WEBHOOK_ALLOW_PRIVATE: 'yes' }, /WEBHOOK_ALLOW_PRIVATE/],
    [{ PUBLIC_URL: 'jobs.example.com' }, /PUBLIC_URL/],
    [{ SMTP_URL: 'smtp://localhost' }, /EMAIL_FROM/],
    [{ SMTP_URL: 'smtp://localhost', EMAIL_FROM: 'a@example.com' }, /PUBLIC_URL/],
  ])('names the variable that is wrong in %j', (env, variable) => {
    expect(() => config(env)).toThrow(variable);
  });

  it('does not repeat a secret that is wrong', () => {
    expect(() => config({ WEBHOOK_SECRET: 'hunter2' })).toThrow(/^(?!.*hunter2)/);
  });

  it.each([
    ['ada@example.org', true],
    ['ada@EXAMPLE.org', true],
    ['ada@mail.partner.example', true],
    ['ada@partner.example', false],
    ['ada@evilpartner.example', false],
    ['ada@example.org.evil.test', false],
    ['ada@xn--exmple-cua.org', true],
    ['ada@exämple.org', true],
    ['ada@elsewhere.test', false],
  ])('may be the address %s only where EMAIL_ALLOW_DOMAINS names its domain: %s (E16)', (notifyEmail, allowed) => {
    const env = { ...SMTP, EMAIL_ALLOW_DOMAINS: 'example.org, *.partner.example, exämple.org' };
    expect(faults({ notifyEmail }, env)).toEqual(allowed ? [] : ['/options/notifyEmail']);
  });
});
