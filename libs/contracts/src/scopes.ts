/** What a key may be allowed to do: each scope with its meaning. docs/operate/rights.md has the routes of each. */
export const SCOPES = {
  'jobs:submit': 'Submit jobs, and ask what one would meet',
  'jobs:read': 'Look at jobs, their steps and why they wait, and list them',
  'jobs:payload': 'See payloads, results, steps and stacks of jobs, and the bytes of dead letters, which are left out without it; find jobs by their payload',
  'jobs:control': 'Cancel and redrive jobs, one or many',
  'jobs:share': 'Make links to status pages, which work without a key',
  'dead-letters:read': 'Look at dead letters',
  'dead-letters:redrive': 'Put dead letters back, or put them away',
  'queues:read': 'Look at queues, kinds and workers',
  'queues:control': 'Change, pause and resume queues and kinds; assign queues to workers, and drain them',
  'schedules:read': 'Look at schedules, and preview them',
  'schedules:write': 'Set, pause, trigger and delete schedules',
  'limits:read': 'Look at limits, and at the quotas of tenants',
  'limits:write': 'Set, override and delete limits; set the quotas of tenants',
  'retention:read': 'Look at how long finished jobs are kept',
  'retention:write': 'Say how long finished jobs are kept: what is past its time is removed',
  'webhooks:read': 'Look at the receivers of outcomes, and at what was sent to them',
  'webhooks:write': 'Set, test and delete receivers, rotate their secrets, send again',
  'files:read': 'Download files',
  'files:write': 'Upload and delete files',
  'events:read': 'Follow jobs as streams',
  'metrics:read': 'Read the metrics',
  'erasures:write': 'Erase all that is stored of the jobs with a tag, and read the proof of it',
  'audit:read': 'Read who has changed what',
  admin: 'Everything, and make and revoke keys',
} as const;

export type Scope = keyof typeof SCOPES;

export function isScope(text: string): text is Scope {
  return Object.hasOwn(SCOPES, text);
}
