import type { QuotaStates } from '../../api/operations';
import { amount, commandOf, QUOTA_NAMES, settingsOf, typedOf } from './quotas';

const unset = { limit: null, used: null, from: 'setting' as const };
const states = (own: Partial<QuotaStates>): QuotaStates => ({
  ...(Object.fromEntries(QUOTA_NAMES.map((quota) => [quota, unset])) as unknown as QuotaStates),
  ...own,
});

describe('the quotas of a tenant', () => {
  const before = typedOf(
    states({
      unfinishedJobs: { limit: 10, used: 3, from: 'tenant' },
      waits: { limit: null, used: 0, from: 'tenant' },
      streams: { limit: 5, used: 1, from: 'setting' },
    }),
  );

  test('are typed as what was set for it alone, and sent so again', () => {
    expect([before.unfinishedJobs, before.waits, before.streams]).toEqual(['10', 'none', '']);
    expect(settingsOf(before)).toEqual({ unfinishedJobs: 10, waits: null });
    expect(settingsOf({ ...before, uploads: 'few' })).toMatchObject({ uploads: 'few' });
  });

  test('have a command that sets what has changed, and nothing else', () => {
    expect(commandOf('acme', before, before)).toBe('longhaul tenants show acme');
    expect(commandOf('acme', before, { ...before, unfinishedJobs: '', waits: '2', fileBytes: 'none' })).toBe(
      'longhaul tenants set acme --unfinished-jobs default --file-bytes none --waits 2',
    );
  });

  test('have their units', () => {
    expect([amount('fileBytes', 2_500_000), amount('waits', 12_000), amount('waits', null)]).toEqual(['2.5 MB', '12,000', 'no bound']);
  });
});
