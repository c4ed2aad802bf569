import { newJob } from '../submit/job-request.js';
import { samplePolicy } from '../testing/sample-job.js';
import type { JsonText } from './json-text.js';
import { DEFAULT_TENANT, nameIn, ofTenant, runningTenant, TENANT_PATTERN, tenantIn, withTenant } from './tenant.js';

test.each(['default', 'acme', 'A-1', '0199aaaa-0000-7000-8000-000000000001', 'x'.repeat(63)])('%j is the name of a tenant', (name) => {
  expect(name).toMatch(TENANT_PATTERN);
});

test.each(['', '*', 'a.b', 'a b', 'a\n', '-a', '_a', 'ä', 'x'.repeat(64)])('%j is no name of a tenant', (name) => {
  expect(name).not.toMatch(TENANT_PATTERN);
});

test('names of two tenants never meet, and those of the default tenant are as they were stored before', () => {
  expect(ofTenant(DEFAULT_TENANT, 'nightly')).toBe('nightly');
  expect(new Set(['default', 'acme', 'globex'].map((tenant) => ofTenant(tenant, 'nightly'))).size).toBe(3);
  for (const tenant of ['default', 'acme']) expect([tenantIn(ofTenant(tenant, 'a b')), nameIn(ofTenant(tenant, 'a b'))]).toEqual([tenant, 'a b']);
});

const request = (more: object = {}) => ({ kind: 'test.job', payload: {}, idempotencyKey: 'k', options: { unique: { key: 'u' } }, ...more });
const made = (more: object = {}) => newJob(request(more), '{}' as JsonText, samplePolicy());

test('a job is of the tenant of whoever asks, with its idempotency key and its unique key', () => {
  const [mine, others, same] = [made(), made({ tenant: 'acme' }), made({ tenant: 'acme' })];
  expect([mine.tenant, others.tenant]).toEqual(['default', 'acme']);
  expect(others.idempotency).toMatchObject({ scope: 'acme\ndefault', key: 'k' });
  expect(others.unique?.key).toBe(same.unique?.key);
  expect(mine.unique?.key).not.toBe(others.unique?.key);
  expect(mine.idempotency?.scope).toBe('default');
});

test.each(['*', '', 'a.b', 'a\nb'])('no caller makes a job of the tenant %j', (tenant) => {
  expect(() => made({ tenant })).toThrow('expected a tenant that matches');
});

test('what a handler submits is of the tenant of its job, unless it says otherwise, however it waits meanwhile', async () => {
  const submits = (tenant: string, more: object = {}) =>
    withTenant(tenant, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return made(more).tenant;
    });
  expect(await Promise.all([submits('acme'), submits('globex'), submits('default'), submits('acme', { tenant: 'globex' })])).toEqual([
    'acme',
    'globex',
    'default',
    'globex',
  ]);
  expect(runningTenant()).toBeUndefined();
});

test('a job of the default tenant that starts in what is left of another keeps its own tenant', async () => {
  const seen = await withTenant('acme', async () => withTenant('default', async () => made().tenant));
  expect(seen).toBe('default');
});
