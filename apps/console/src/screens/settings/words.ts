import type { Scope } from '../../api/rights';
import { quoted } from '../../words/quoted';

/** Of each scope, in the order in which a form shows them. */
export const MEANINGS: Record<Scope, string> = {
  'jobs:submit': 'Submit jobs',
  'jobs:read': 'Look at jobs, and why they wait',
  'jobs:payload': 'See payloads, results, stacks, and the bytes of dead letters',
  'jobs:control': 'Cancel and redrive jobs',
  'jobs:share': 'Make links to status pages',
  'events:read': 'Follow jobs as they run',
  'files:read': 'Download files',
  'files:write': 'Upload and delete files',
  'dead-letters:read': 'Look at dead letters',
  'dead-letters:redrive': 'Put dead letters back, or away',
  'schedules:read': 'Look at schedules',
  'schedules:write': 'Set, pause, trigger and delete schedules',
  'webhooks:read': 'Look at endpoints, and what was sent to them',
  'webhooks:write': 'Set, test and delete endpoints, rotate secrets, send again',
  'queues:read': 'Look at queues, kinds and workers',
  'queues:control': 'Change, pause and resume queues and kinds; drain workers',
  'limits:read': 'Look at limits',
  'limits:write': 'Set, override and delete limits',
  'retention:read': 'Look at how long finished jobs are kept',
  'retention:write': 'Say how long finished jobs are kept',
  'metrics:read': 'Read the metrics',
  'erasures:write': 'Erase all that is stored of the jobs with a tag',
  'audit:read': 'Read who has changed what',
  admin: 'Everything, and make and revoke keys',
};

/** What most keys are for. */
export const PRESETS: readonly { name: string; scopes: readonly Scope[] }[] = [
  { name: 'A service that submits', scopes: ['jobs:submit', 'jobs:read', 'jobs:payload', 'events:read'] },
  { name: 'A person who looks', scopes: ['jobs:read', 'events:read', 'dead-letters:read', 'schedules:read', 'webhooks:read', 'queues:read', 'audit:read'] },
  {
    name: 'An operator',
    scopes: [
      'jobs:read',
      'jobs:payload',
      'jobs:control',
      'jobs:share',
      'events:read',
      'dead-letters:read',
      'dead-letters:redrive',
      'schedules:read',
      'schedules:write',
      'webhooks:read',
      'queues:read',
      'queues:control',
      'limits:read',
      'limits:write',
      'retention:read',
      'audit:read',
    ],
  },
  { name: 'An administrator', scopes: ['admin'] },
];

export const tenantWords = (tenant: string | null): string => (tenant === null ? 'all tenants' : tenant);

/** The same on the command line, which needs no key: it writes to the database. */
export function createCommand(key: { name: string; tenant?: string | null; scopes: readonly string[]; kinds?: readonly string[]; expiresAt?: string }): string {
  const whose = key.tenant === undefined ? [] : key.tenant === null ? ['--all-tenants'] : ['--tenant', key.tenant];
  const scopes = key.scopes.flatMap((scope) => (scope === 'admin' ? ['--admin'] : ['--scope', scope]));
  const kinds = (key.kinds ?? []).flatMap((kind) => ['--kind', kind]);
  const end = key.expiresAt === undefined ? [] : ['--expires-at', key.expiresAt];
  return ['longhaul', 'keys', 'create', ...whose, '--name', key.name, ...scopes, ...kinds, ...end].map(quoted).join(' ');
}
