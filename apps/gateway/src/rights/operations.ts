import type { Scope } from '@app/contracts';

/** `open`: without credentials. `anyone`: any valid credentials. */
export type Needs = Scope | 'open' | 'anyone';

export type ReasonAt = '/reason' | '/note/reason';

/** An operation of the API: its name in the document, the right that it needs, and whether it is audited. */
export interface Operation {
  name: string;
  needs: Needs;
  /**
   * Whether it changes something, so that who did it is written down. Submissions and uploads are not: they are many, and the job itself names who has
   * submitted it.
   */
  act: boolean;
  /** Where the body of an act has its reason, as a JSON pointer. Every act takes one as a header. */
  reasonAt?: ReasonAt;
  /** Its body may ask, by `dryRun`, what the act would do: then it is none. */
  dryRun?: true;
  /** What it shows or changes belongs to the whole installation, so it is for callers for all tenants alone. */
  ofInstallation?: true;
}

const read = (name: string, needs: Needs): Operation => ({ name, needs, act: false });
const act = (name: string, needs: Needs, reasonAt?: ReasonAt): Operation => ({ name, needs, act: true, ...(reasonAt === undefined ? {} : { reasonAt }) });

const withDryRun = (operation: Operation): Operation => ({ ...operation, dryRun: true });

/** Of the whole installation. */
const whole = (operation: Operation): Operation => ({ ...operation, ofInstallation: true });

/** All operations by method and route. A route that is missing here needs the scope `admin`, and a test fails that compares this with the document. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET /': read('about', 'open'),
  'GET /health/live': read('live', 'open'),
  'GET /health/ready': read('ready', 'open'),
  'GET /metrics': whole(read('metrics', 'metrics:read')),

  'POST /jobs': read('submitJob', 'jobs:submit'),
  'POST /jobs/batch': read('submitBatch', 'jobs:submit'),
  'POST /jobs/dry-run': read('dryRunJob', 'jobs:submit'),
  'GET /jobs': read('listJobs', 'jobs:read'),
  'GET /jobs/:id': read('getJob', 'jobs:read'),
  'GET /jobs/:id/steps': read('listSteps', 'jobs:read'),
  'GET /jobs/:id/why': read('whyJob', 'jobs:read'),
  'POST /jobs/:id/start': act('startJob', 'jobs:control'),
  'POST /jobs/:id/cancel': act('cancelJob', 'jobs:control', '/reason'),
  'POST /jobs/:id/links': act('createStatusLink', 'jobs:share'),
  'POST /jobs/:id/redrive': act('redriveJob', 'jobs:control', '/reason'),
  'POST /jobs/cancel': withDryRun(act('cancelJobs', 'jobs:control', '/reason')),
  'POST /jobs/redrive': withDryRun(act('redriveJobs', 'jobs:control', '/reason')),
  'POST /jobs/reprioritise': withDryRun(act('reprioritiseJobs', 'jobs:control', '/reason')),
  'POST /jobs/move': withDryRun(act('moveJobs', 'jobs:control', '/reason')),
  'POST /jobs/discard': withDryRun(act('discardJobs', 'dead-letters:redrive', '/reason')),
  'GET /jobs/events': read('streamEvents', 'events:read'),
  'GET /jobs/:id/events': read('streamJobEvents', 'events:read'),

  'POST /erasures': withDryRun(act('createErasure', 'erasures:write', '/reason')),
  'GET /erasures': read('listErasures', 'erasures:write'),
  'GET /erasures/:id': read('getErasure', 'erasures:write'),

  'GET /kinds': read('listKinds', 'anyone'),
  'POST /kinds/:kind/pause': whole(act('pauseKind', 'queues:control', '/reason')),
  'POST /kinds/:kind/resume': whole(act('resumeKind', 'queues:control')),
  'DELETE /kinds/:kind/pause': whole(act('deleteKindPause', 'queues:control')),
  'GET /queues': read('listQueues', 'queues:read'),
  'GET /queues/:name': read('getQueue', 'queues:read'),
  'PUT /queues/:name': whole(act('declareQueue', 'queues:control')),
  'PATCH /queues/:name': whole(act('changeQueue', 'queues:control', '/reason')),
  'DELETE /queues/:name': whole(act('deleteQueue', 'queues:control')),
  'POST /queues/:name/pause': whole(act('pauseQueue', 'queues:control', '/reason')),
  'POST /queues/:name/resume': whole(act('resumeQueue', 'queues:control')),
  'GET /workers': whole(read('listWorkers', 'queues:read')),
  'PUT /workers/:id/queues': whole(act('assignQueues', 'queues:control', '/reason')),
  'POST /workers/:id/drain': whole(act('drainWorker', 'queues:control', '/reason')),

  'GET /stats': whole(read('stats', 'queues:read')),
  'GET /stats/stream': whole(read('streamStats', 'queues:read')),
  'GET /stats/history': whole(read('statsHistory', 'queues:read')),

  'GET /alerts': whole(read('listAlerts', 'queues:read')),
  'GET /doctor': whole(read('doctor', 'queues:read')),

  'GET /limits': whole(read('listLimits', 'limits:read')),
  'GET /limits/:name': whole(read('getLimit', 'limits:read')),
  'PUT /limits/:name': whole(act('putLimit', 'limits:write')),
  'POST /limits/:name/dry-run': whole(read('dryRunLimit', 'limits:write')),
  'DELETE /limits/:name': whole(act('deleteLimit', 'limits:write')),
  'POST /limits/:name/override': whole(act('overrideLimit', 'limits:write')),
  'DELETE /limits/:name/override': whole(act('endLimitOverride', 'limits:write')),

  'GET /retention': read('listRetention', 'retention:read'),
  'PUT /retention/:kinds': act('putRetention', 'retention:write'),
  'DELETE /retention/:kinds': act('deleteRetention', 'retention:write'),

  'GET /tenants': whole(read('listTenants', 'limits:read')),
  'GET /tenants/:tenant/quotas': whole(read('getTenantQuotas', 'limits:read')),
  'PUT /tenants/:tenant/quotas': whole(act('putTenantQuotas', 'limits:write')),
  'DELETE /tenants/:tenant/quotas': whole(act('resetTenantQuotas', 'limits:write')),
  'GET /quotas': read('getQuotas', 'anyone'),

  'GET /streams/schedules': read('streamSchedules', 'schedules:read'),
  'GET /schedules': read('listSchedules', 'schedules:read'),
  'POST /schedules/preview': read('previewSchedule', 'schedules:read'),
  'GET /schedules/:id': read('getSchedule', 'schedules:read'),
  'PUT /schedules/:id': act('putSchedule', 'schedules:write'),
  'POST /schedules/:id/dry-run': read('dryRunSchedule', 'schedules:write'),
  'DELETE /schedules/:id': act('deleteSchedule', 'schedules:write'),
  'POST /schedules/:id/pause': act('pauseSchedule', 'schedules:write', '/reason'),
  'POST /schedules/:id/resume': act('resumeSchedule', 'schedules:write'),
  'POST /schedules/:id/trigger': act('triggerSchedule', 'schedules:write'),
  'POST /schedules/:id/backfill': withDryRun(act('backfillSchedule', 'schedules:write')),

  'POST /files': read('uploadFile', 'files:write'),
  'GET /files/:id': read('getFile', 'files:read'),
  'GET /files/:id/content': read('downloadFile', 'files:read'),
  'DELETE /files/:id': act('deleteFile', 'files:write'),

  'GET /streams/dead-letters': read('streamDeadLetters', 'dead-letters:read'),
  'GET /dead-letters': read('listDeadLetters', 'dead-letters:read'),
  'GET /dead-letters/:id': read('getDeadLetter', 'dead-letters:read'),
  'GET /dead-letters/:id/body': read('getDeadLetterBody', 'jobs:payload'),
  'POST /dead-letters/:id/discard': act('discardDeadLetter', 'dead-letters:redrive', '/reason'),
  'GET /dead-letters/groups': read('listLetterGroups', 'dead-letters:read'),
  'POST /dead-letters/groups/:group/acknowledge': act('acknowledgeLetterGroup', 'dead-letters:redrive', '/reason'),
  'POST /dead-letters/groups/:group/reopen': act('reopenLetterGroup', 'dead-letters:redrive'),
  'POST /dead-letters/redrive': withDryRun(act('redriveDeadLetters', 'dead-letters:redrive', '/note/reason')),
  'POST /dead-letters/discard': withDryRun(act('discardDeadLetters', 'dead-letters:redrive', '/note/reason')),
  'POST /dead-letters/:id/redrive': act('redriveDeadLetter', 'dead-letters:redrive', '/reason'),

  'POST /webhooks/endpoints': act('createWebhookEndpoint', 'webhooks:write'),
  'GET /webhooks/endpoints': read('listWebhookEndpoints', 'webhooks:read'),
  'GET /webhooks/endpoints/:id': read('getWebhookEndpoint', 'webhooks:read'),
  'PATCH /webhooks/endpoints/:id': act('updateWebhookEndpoint', 'webhooks:write'),
  'DELETE /webhooks/endpoints/:id': act('deleteWebhookEndpoint', 'webhooks:write'),
  'POST /webhooks/endpoints/:id/rotate-secret': act('rotateWebhookSecret', 'webhooks:write'),
  'POST /webhooks/endpoints/:id/test': act('testWebhookEndpoint', 'webhooks:write'),
  'GET /webhooks/stream': read('streamWebhooks', 'webhooks:read'),
  'GET /webhooks/deliveries': read('listWebhookDeliveries', 'webhooks:read'),
  'GET /webhooks/deliveries/:id': read('getWebhookDelivery', 'webhooks:read'),
  'POST /webhooks/deliveries/replay': act('replayWebhookDeliveries', 'webhooks:write'),
  'POST /webhooks/deliveries/:id/replay': act('replayWebhookDelivery', 'webhooks:write'),

  'POST /events/tickets': read('createStreamTicket', 'events:read'),
  'GET /session': read('getSession', 'anyone'),
  'POST /session': read('openSession', 'open'),
  'DELETE /session': read('closeSession', 'anyone'),
  'GET /sessions': read('listSessions', 'admin'),
  'DELETE /sessions/:id': act('revokeSession', 'admin'),
  'GET /keys': read('listKeys', 'admin'),
  'POST /keys': act('createKey', 'admin'),
  'POST /keys/:id/rotate': act('rotateKey', 'admin'),
  'DELETE /keys/:id': act('revokeKey', 'admin'),
  'GET /streams/keys': read('streamKeys', 'admin'),
  'GET /audit': read('listAudit', 'audit:read'),
  'GET /streams/audit': read('streamAudit', 'audit:read'),
};

/** Routes that are no operations of the document. */
const OTHERS: readonly [beginning: string, operation: Operation][] = [
  ['/openapi', read('openapi', 'anyone')],
  ['/asyncapi', read('asyncapi', 'anyone')],
  ['/docs', read('docs', 'anyone')],
  // The pages themselves hold no data: they ask for it as everybody does.
  ['/console', read('console', 'open')],
  // Whoever signs in has no session yet.
  ['/session/oidc', read('signIn', 'open')],
  // The link itself is the right.
  ['/p/', read('statusPage', 'open')],
  ['/ws', read('streamEvents', 'events:read')],
];

const UNKNOWN: Operation = { name: 'unknown', needs: 'admin', act: true, ofInstallation: true };

/** By method, then by route: each request asks, and to put the two together for it costs more than to look twice. */
const BY_METHOD = new Map<string, Map<string, Operation>>();
for (const [name, operation] of Object.entries(OPERATIONS)) {
  const [method = '', route = ''] = name.split(' ');
  const routes = BY_METHOD.get(method) ?? new Map<string, Operation>();
  BY_METHOD.set(method, routes.set(route, operation));
}

/** `route`: the pattern that the router has found, such as `/jobs/:id`. */
export function operationOf(method: string, route: string): Operation {
  const known = BY_METHOD.get(method === 'HEAD' ? 'GET' : method)?.get(route);
  return known ?? OTHERS.find(([beginning]) => route.startsWith(beginning))?.[1] ?? UNKNOWN;
}
