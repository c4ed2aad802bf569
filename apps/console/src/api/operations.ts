// Generated from the OpenAPI document by `npm run contract`: change the classes of libs/contracts, and run it again.

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export interface AbandonedHandler {
  jobId: string;
  kind: string;
  /** By the worker's clock */
  since: string;
}

export interface AlertPage {
  /** The newest first */
  items: AlertView[];
  /** The `cursor` of the next page; null at the end */
  nextCursor: string | null;
  /** Whether somebody is told of alerts, by e-mail or by webhook. Otherwise they are looked for each minute, for this list alone */
  told: boolean;
}

export type AlertState = 'open' | 'ended' | 'all';

export interface AlertView {
  id: string;
  /** The code of the rule of `GET /doctor` that has found it */
  rule: string;
  /** `error`: jobs wait that would run otherwise, or are refused. `warning`: somebody should look */
  level: DoctorLevel;
  /** What is wrong, as it was found last */
  message: string;
  /** What to do */
  fix: string;
  /** Where the API shows it */
  link: string;
  openedAt: string;
  /** When somebody was told; null where nobody was */
  toldAt: string | null;
  /** When it was found last; null while it is open */
  endedAt: string | null;
}

export interface AssignQueues {
  reason?: string;
  by?: string;
  /** Declared queues. Null: those of its WORKER_QUEUES again */
  queues: string[] | null;
}

export interface AttemptErrorView {
  /** Stable, for programs */
  code: string;
  message: string;
  /** The attempt that it ended */
  attempt: number;
  at: string;
  /** What led to it */
  cause?: ErrorCause;
  /** What failed together */
  errors?: ErrorCause[];
  name: string;
  /** The first 4,000 characters */
  stack?: string;
}

export interface AuditEntry {
  id: string;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  at: string;
  /** `key:` and its id, `jwt:` and the `sub` of its token, `oidc:` and the `sub` of its account, or `local` without AUTH */
  subject: string;
  /** `key`, `session`, `jwt`, `local`, or `cli` for what was done against the database */
  via: string;
  /** The operation of this document */
  action: string;
  /** The path that it was done to */
  target: string;
  /** The status that it was answered with */
  outcome: number;
  /** The caller as limits know it: the other end of the connection, or as a proxy of TRUST_PROXY has seen it */
  ip: string;
  /** `reason`: why; `request`: what was asked; `before`: what it was; `after`: the answer. Secrets are left out, and what is long */
  detail: { [name: string]: JsonValue };
}

export interface AuditPage {
  items: AuditEntry[];
  /** For the next page; null at the end */
  nextCursor: string | null;
}

export interface BackoffView {
  baseMs: number;
  factor: number;
  maxMs: number;
  /** `full` draws from 0 to the delay */
  jitter: 'full' | 'none';
}

export interface Base64Body {
  base64: string;
}

export interface BatchEntry {
  /** GET /kinds lists them */
  kind: string;
  /** As the schema of the kind says */
  payload: JsonValue | { [name: string]: JsonValue };
  options?: SubmitOptions;
  /** Of this entry; without it, one is made of the Idempotency-Key header and the index */
  idempotencyKey?: string;
}

export interface BatchJobView {
  id: string;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  kind: string;
  queue: string;
  /** `scheduled` waits for its time: a delay, or the next attempt. `succeeded`, `failed` and `cancelled` are final. */
  state: JobState;
  priority: number;
  /** Attempts begun; an interrupted one does not count */
  attempt: number;
  maxAttempts: number;
  /** Null until its handler tells it */
  progress: Progress | null;
  /** What its handler returned; null unless it succeeded */
  result: JsonValue;
  /** Only in events and lists: the result is too large to be told there; `links.self` has it */
  resultOmitted?: true;
  /** Why its last attempt did not succeed */
  error: JobErrorView | null;
  tags: string[];
  /** Only of a job that a schedule has made */
  schedule?: JobScheduleView;
  /** It was asked to stop */
  cancelRequested: boolean;
  /** When the next attempt is due; only while `scheduled` */
  runAt: string | null;
  createdAt: string;
  /** When its newest attempt began */
  startedAt: string | null;
  finishedAt: string | null;
  /** The number of its newest event: the `Last-Event-ID` of a stream that goes on from here */
  lastEventId: number;
  links: JobLinks;
  /** No new job was made: this one was there already, by its idempotency key, or it waits with the same unique key */
  replayed: boolean;
}

export interface BatchView {
  jobs: BatchJobView[];
}

export interface CancelJobs {
  /** At least one condition */
  filter?: JobFilter;
  /** All of them; only without a filter */
  all?: boolean;
  /** Jobs in a second at most; as fast as it goes where it is left out */
  rate?: number;
  /** Changes nothing, and answers how many jobs match */
  dryRun?: boolean;
  reason?: string;
  by?: string;
  /** How long a running handler has to obey, in milliseconds. Then the job ends without it */
  graceMs?: number;
}

/** `not_started`: it had not begun, and never will. `stopped`: its handler obeyed. `abandoned`: the handler did not, and its code may go on until its process ends. `killed`: the same, in a process of its own, which is gone. `too_late`: it had its outcome first. `worker_lost`: the worker that ran it was. Null while it is being asked */
export type CancelOutcome = 'not_started' | 'stopped' | 'abandoned' | 'killed' | 'too_late' | 'worker_lost';

export interface CancelRequest {
  reason?: string;
  by?: string;
  /** How long a running handler has to obey, in milliseconds. Then the job ends without it */
  graceMs?: number;
}

export interface Cancellation {
  requestedAt: string;
  by: string | null;
  reason: string | null;
  /** As it was asked for; null: as long as usual */
  graceMs: number | null;
  /** When the handler's signal fired; told when its attempt has ended */
  acknowledgedAt: string | null;
  /** `not_started`: it had not begun, and never will. `stopped`: its handler obeyed. `abandoned`: the handler did not, and its code may go on until its process ends. `killed`: the same, in a process of its own, which is gone. `too_late`: it had its outcome first. `worker_lost`: the worker that ran it was. Null while it is being asked */
  outcome: CancelOutcome | null;
}

export interface CreateErasure {
  /** All jobs with this tag that were created before the request */
  tag: string;
  /** Files that the jobs name stay, because other jobs need them too */
  keepFiles?: boolean;
  /** Jobs in a second at most */
  rate?: number;
  /** Changes nothing, and answers what would be erased */
  dryRun?: boolean;
  reason?: string;
}

export interface DeadLetterDetail {
  id: string;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  /** `job`: a job that has failed for good. `message`: one that was refused, or given up by RabbitMQ */
  source: 'job' | 'message';
  /** Stable, for programs */
  reason: string;
  detail: string;
  jobId: string | null;
  kind: string | null;
  queue: string | null;
  messageId: string | null;
  contentType: string | null;
  /** Of the message */
  headers: { [name: string]: JsonValue };
  /** What else the message had, by the names of AMQP: `reply_to`, `priority`, `user_id` …; null where it is of a job */
  properties: { [name: string]: JsonValue } | null;
  /** The account that has sent the message, or else the program that it names */
  producer: string | null;
  /** The class of the job's error */
  error: string | null;
  /** The first frame of the project's own code: function, file and line */
  frame: string | null;
  /** The fingerprint of its cause. A letter that an older version has stored gets it within minutes */
  group: string | null;
  /** How often the very same message came */
  occurrences: number;
  createdAt: string;
  lastSeenAt: string;
  redrivenAt: string | null;
  /** The job that it became */
  redrivenJobId: string | null;
  /** When it was put away */
  discardedAt: string | null;
  /** Who has put it away, and why */
  discard: LetterNote | null;
  links: DeadLetterLinks;
  /** The message as it came; null of a job */
  body: TextBody | Base64Body | null;
  /** Of its job */
  payload?: JsonValue;
  /** Of its job's attempts */
  errors?: AttemptErrorView[];
}

export interface DeadLetterLinks {
  self: string;
  redrive: string;
  discard: string;
  /** Where it is of a job */
  job?: string;
  /** The original bytes, where it is of a message */
  body?: string;
  /** Other letters of the same cause */
  group?: string;
}

export interface DeadLetterPage {
  items: DeadLetterView[];
  /** The `cursor` of the next page; null at the end */
  nextCursor: string | null;
}

export interface DeadLetterView {
  id: string;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  /** `job`: a job that has failed for good. `message`: one that was refused, or given up by RabbitMQ */
  source: 'job' | 'message';
  /** Stable, for programs */
  reason: string;
  detail: string;
  jobId: string | null;
  kind: string | null;
  queue: string | null;
  messageId: string | null;
  contentType: string | null;
  /** Of the message */
  headers: { [name: string]: JsonValue };
  /** What else the message had, by the names of AMQP: `reply_to`, `priority`, `user_id` …; null where it is of a job */
  properties: { [name: string]: JsonValue } | null;
  /** The account that has sent the message, or else the program that it names */
  producer: string | null;
  /** The class of the job's error */
  error: string | null;
  /** The first frame of the project's own code: function, file and line */
  frame: string | null;
  /** The fingerprint of its cause. A letter that an older version has stored gets it within minutes */
  group: string | null;
  /** How often the very same message came */
  occurrences: number;
  createdAt: string;
  lastSeenAt: string;
  redrivenAt: string | null;
  /** The job that it became */
  redrivenJobId: string | null;
  /** When it was put away */
  discardedAt: string | null;
  /** Who has put it away, and why */
  discard: LetterNote | null;
  links: DeadLetterLinks;
}

export interface DeclaredQueue {
  name: string;
}

export interface DeliveryAttempt {
  at: string;
  url: string;
  durationMs: number;
  /** Absent when there was no answer */
  status?: number;
  /** Why it does not count as delivered */
  error?: string;
  answer?: ReceiverAnswer;
}

export interface DeliveryDetail {
  id: string;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  /** The `webhook-id`: the same in every attempt and replay */
  webhookId: string;
  /** Null for a job's own callback URL */
  endpointId: string | null;
  /** The job that it tells of; null for an alert */
  jobId: string | null;
  type: 'job.succeeded' | 'job.failed' | 'job.cancelled' | 'alert.opened' | 'alert.ended';
  url: string;
  state: DeliveryState;
  /** Oldest first, the last 20 */
  attempts: DeliveryAttempt[];
  nextAttemptAt: string | null;
  createdAt: string;
  finishedAt: string | null;
  links: DeliveryLinks;
  body: string;
}

export interface DeliveryLinks {
  self: string;
  replay: string;
  /** The job that it tells of; not for an alert */
  job?: string;
  /** The job that delivers it */
  deliveryJob: string;
  /** Not where it goes to a job's own callback URL */
  endpoint?: string;
}

export interface DeliveryPage {
  items: DeliveryView[];
  /** The `cursor` of the next page; null at the end */
  nextCursor: string | null;
}

export type DeliveryState = 'pending' | 'succeeded' | 'failed';

export interface DeliveryView {
  id: string;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  /** The `webhook-id`: the same in every attempt and replay */
  webhookId: string;
  /** Null for a job's own callback URL */
  endpointId: string | null;
  /** The job that it tells of; null for an alert */
  jobId: string | null;
  type: 'job.succeeded' | 'job.failed' | 'job.cancelled' | 'alert.opened' | 'alert.ended';
  url: string;
  state: DeliveryState;
  /** Oldest first, the last 20 */
  attempts: DeliveryAttempt[];
  nextAttemptAt: string | null;
  createdAt: string;
  finishedAt: string | null;
  links: DeliveryLinks;
}

export interface DepthPoint {
  at: string;
  queued: number;
  scheduled: number;
  running: number;
  /** How long the oldest queued job had waited; null where none did */
  oldestAgeSeconds: number | null;
}

export interface DiscardJobs {
  /** At least one condition */
  filter?: FailedJobFilter;
  /** All of them; only without a filter */
  all?: boolean;
  /** Jobs in a second at most; as fast as it goes where it is left out */
  rate?: number;
  /** Changes nothing, and answers how many jobs match */
  dryRun?: boolean;
  reason?: string;
  by?: string;
}

export interface DiscardLetters {
  reason?: string;
  kind?: string;
  queue?: string;
  source?: 'job' | 'message';
  /** Of one cause */
  group?: string;
  /** Stored at this time or later */
  from?: string;
  /** Stored before this time */
  to?: string;
  /** All of them; only without a filter */
  all?: boolean;
  /** By a job (202), so many in a second at most */
  rate?: number;
  /** Who does it, and why */
  note?: LetterNote;
  /** Changes nothing, and answers how many match */
  dryRun?: boolean;
}

export interface DiscardedLetters {
  discarded: number;
}

export interface DoctorFinding {
  /** What was found, in one sentence or two */
  message: string;
  /** Where the API shows it */
  link: string;
}

/** `error`: jobs wait that would run otherwise, or are refused. `warning`: somebody should look */
export type DoctorLevel = 'error' | 'warning';

export interface DoctorRule {
  /** Stable, for programs */
  code: string;
  /** `error`: jobs wait that would run otherwise, or are refused. `warning`: somebody should look */
  level: DoctorLevel;
  about: DoctorSubject;
  /** What is wrong where it finds something */
  wrong: string;
  /** How one sees it */
  seen: string;
  /** What to do */
  fix: string;
  /** Empty where all is well; 20 at most */
  found: DoctorFinding[];
}

export type DoctorSubject = 'broker' | 'database' | 'queues' | 'workers' | 'submissions' | 'jobs' | 'schedules' | 'settings';

export interface DoctorView {
  at: string;
  /** No rule has found anything */
  ok: boolean;
  /** All of them, in the order in which they matter */
  rules: DoctorRule[];
}

export interface DrainRequest {
  requestedAt: string;
  by: string | null;
  reason: string | null;
}

export interface DryRun {
  dryRun: true;
  /** Of the job that the idempotency key has made already: a submission would be answered with it. Then no reason, limit or time is given here */
  existing: string | null;
  kind: string;
  queue: string;
  priority: number;
  /** The limits that it would be under */
  limits: DryRunLimit[];
  /** What would keep it, as `GET /jobs/{id}/why` tells it; none where it would go to a worker at once */
  reasons: (WhyPaused | WhyScheduled | WhyNoWorker | WhyBrokerAway | WhyLimit | WhyRate | WhyBehind | WhyPublished | WhyRunning)[];
  /** Jobs of its queue that wait for their turn and that come before it */
  ahead: number;
  /** False where there are more than 10,000: `ahead` is then put together of counts */
  aheadIsExact: boolean;
  /** When it would start; null where nothing can be said */
  estimatedStart: string | null;
  /** What the estimate rests on */
  confidence: string | null;
  links: DryRunLinks;
}

export interface DryRunLimit {
  /** The name of the limit, and the value that it counts by */
  limit: string;
  /** How many may run; null without such a limit */
  capacity: number | null;
  /** How many run, or are on their way to a worker */
  held: number;
  /** The earliest next start, which may have passed; null without a rate */
  nextAt: string | null;
}

export interface DryRunLinks {
  /** The job that the idempotency key has made already */
  existing?: string;
}

export interface EndpointChanges {
  url?: string;
  description?: string;
  /** Empty for all of jobs; alerts only where they are named */
  events?: ('job.succeeded' | 'job.failed' | 'job.cancelled' | 'alert.opened' | 'alert.ended')[];
  /** Kinds, or prefixes with .*; empty for all */
  kinds?: string[];
  /** Jobs with one of them; empty for all */
  tags?: string[];
  /** false to disable it; true to enable it again, also after a 410 */
  enabled?: boolean;
}

export interface EndpointLinks {
  self: string;
  /** What was sent to it */
  deliveries: string;
}

export interface EndpointList {
  items: EndpointView[];
}

export interface EndpointView {
  id: string;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  url: string;
  description: string;
  events: ('job.succeeded' | 'job.failed' | 'job.cancelled' | 'alert.opened' | 'alert.ended')[];
  /** Kinds, or prefixes with .* */
  kinds: string[];
  /** Jobs with one of them */
  tags: string[];
  enabled: boolean;
  disabledAt: string | null;
  disabledReason: string | null;
  /** How many secrets sign now: more than one after a rotation */
  secrets: number;
  createdAt: string;
  links: EndpointLinks;
}

export interface EndpointWithSecret {
  id: string;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  url: string;
  description: string;
  events: ('job.succeeded' | 'job.failed' | 'job.cancelled' | 'alert.opened' | 'alert.ended')[];
  /** Kinds, or prefixes with .* */
  kinds: string[];
  /** Jobs with one of them */
  tags: string[];
  enabled: boolean;
  disabledAt: string | null;
  disabledReason: string | null;
  /** How many secrets sign now: more than one after a rotation */
  secrets: number;
  createdAt: string;
  links: EndpointLinks;
  secret: string;
}

export interface Entrance {
  name: string;
  description: string;
  links: EntranceLinks;
}

export interface EntranceLinks {
  /** For people */
  console: string;
  docs: string;
  openapi: string;
  asyncapi: string;
  kinds: string;
  jobs: string;
  queues: string;
  deadLetters: string;
  health: string;
}

export interface ErasedCounts {
  jobs: number;
  steps: number;
  /** Lines of logs, and progress */
  events: number;
  deadLetters: number;
  /** Of webhooks */
  deliveries: number;
  /** Longhaul's own jobs that have sent, or were to send, webhooks and e-mails */
  notifications: number;
  idempotencyKeys: number;
  files: number;
  /** Of these jobs the handler did not obey the cancel in time, so that its code may go on until its process ends */
  abandoned: number;
}

export interface ErasureEstimate {
  dryRun: true;
  jobs: number;
  /** Those of them that have not ended, and would be cancelled */
  unfinished: number;
  deadLetters: number;
  /** Of webhooks */
  deliveries: number;
  /** That the jobs name */
  files: number;
  /** That go on making jobs with the tag: delete them first */
  schedules: number;
}

export interface ErasureLeft {
  jobs: number;
  deadLetters: number;
  deliveries: number;
  notifications: number;
  idempotencyKeys: number;
  files: number;
  /** They are not erased, and go on making jobs with the tag */
  schedules: number;
}

export interface ErasureLinks {
  self: string;
  /** The job that does it */
  job: string;
}

export interface ErasurePage {
  items: ErasureView[];
  /** For the next page; null at the end */
  nextCursor: string | null;
}

export interface ErasureView {
  /** Of the job that does it, too */
  id: string;
  tag: string;
  keepFiles: boolean;
  reason: string | null;
  requestedBy: string;
  requestedAt: string;
  state: 'running' | 'stopped' | 'finished';
  /** So far */
  removed: ErasedCounts;
  /** The SHA-256 of the ids of the removed jobs, sorted, each with a line feed; null until the end */
  jobsSha256: string | null;
  /** Null until the end. All but `schedules` are 0 then */
  left: ErasureLeft | null;
  finishedAt: string | null;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  links: ErasureLinks;
}

export interface ErrorCause {
  name: string;
  message: string;
  /** The error's own code */
  code?: string;
  cause?: ErrorCause;
  /** What failed together */
  errors?: ErrorCause[];
}

export interface ExceededLimit {
  signal: string;
  measured: number;
  limit: number;
  /** The queue that is full, where it is one */
  queue?: string;
  /** By the rate at which jobs end, or at which requests may come */
  retryAfterSeconds: number;
}

export interface FailedJobFilter {
  /** Of one of these kinds */
  kind?: string | string[];
  queue?: string;
  /** With all of these tags */
  tag?: string | string[];
  /** Of one of these states, if the act is for them */
  state?: JobState | JobState[];
  /** Made by this schedule */
  schedule?: string;
  /** With one of these ids; one that no job has is refused */
  id?: string | string[];
  /** Submitted with this key, while keys are kept */
  idempotencyKey?: string;
  /** In the code, the name or the message of the last error, in whatever case */
  error?: string;
  /** Held by the payload; with one `kind` */
  payload?: string | { [name: string]: JsonValue };
  /** Created at this time or later */
  createdFrom?: string;
  /** Created before this time */
  createdTo?: string;
  /** Ended at this time or later */
  finishedFrom?: string;
  /** Ended before this time */
  finishedTo?: string;
  /** Created before this time; before the request where it is left out */
  before?: string;
  /** With a dead letter of this group that waits: see `GET /dead-letters/groups` */
  group?: string;
}

export interface FailureStats {
  source: 'job' | 'message';
  kind: string | null;
  /** Stable, for programs */
  reason: string;
  count: number;
  /** Those of them that nobody has put back */
  open: number;
  lastAt: string;
}

export interface FileLinks {
  content: string;
}

export interface FileUpload {
  file: string;
}

export interface FileView {
  id: string;
  /** What the uploader called it */
  name: string;
  mediaType: string;
  /** Bytes */
  size: number;
  /** Of the content, in hex */
  sha256: string;
  createdAt: string;
  links: FileLinks;
}

export interface IsolationView {
  memoryMb: number;
}

export interface JobDetail {
  id: string;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  kind: string;
  queue: string;
  /** `scheduled` waits for its time: a delay, or the next attempt. `succeeded`, `failed` and `cancelled` are final. */
  state: JobState;
  priority: number;
  /** Attempts begun; an interrupted one does not count */
  attempt: number;
  maxAttempts: number;
  /** Null until its handler tells it */
  progress: Progress | null;
  /** What its handler returned; null unless it succeeded */
  result: JsonValue;
  /** Only in events and lists: the result is too large to be told there; `links.self` has it */
  resultOmitted?: true;
  /** Why its last attempt did not succeed */
  error: JobErrorView | null;
  tags: string[];
  /** Only of a job that a schedule has made */
  schedule?: JobScheduleView;
  /** It was asked to stop */
  cancelRequested: boolean;
  /** When the next attempt is due; only while `scheduled` */
  runAt: string | null;
  createdAt: string;
  /** When its newest attempt began */
  startedAt: string | null;
  finishedAt: string | null;
  /** The number of its newest event: the `Last-Event-ID` of a stream that goes on from here */
  lastEventId: number;
  links: JobLinks;
  /** As it was submitted, or as a redrive has changed it */
  payload: JsonValue;
  /** Of the attempts that failed, oldest first, the last 20 */
  errors: AttemptErrorView[];
  /** The worker process that runs it: host and pid. Null while none does */
  worker: string | null;
  /** Who cancelled it, why, and what became of it. Null while nobody has */
  cancellation: Cancellation | null;
  /** Until when it must have started (`options.startBefore`); null when it need not, or has */
  startBefore: string | null;
  /** Whose share of a fair queue it takes (`options.flowKey`); null where its tag or its kind says that */
  flowKey: string | null;
  /** Its unique key (`options.unique`); null when it has none */
  unique: JobUnique | null;
}

export interface JobErrorView {
  /** Stable, for programs */
  code: string;
  message: string;
  /** The attempt that it ended */
  attempt: number;
  at: string;
  /** What led to it */
  cause?: ErrorCause;
  /** What failed together */
  errors?: ErrorCause[];
}

export interface JobFilter {
  /** Of one of these kinds */
  kind?: string | string[];
  queue?: string;
  /** With all of these tags */
  tag?: string | string[];
  /** Of one of these states, if the act is for them */
  state?: JobState | JobState[];
  /** Made by this schedule */
  schedule?: string;
  /** With one of these ids; one that no job has is refused */
  id?: string | string[];
  /** Submitted with this key, while keys are kept */
  idempotencyKey?: string;
  /** In the code, the name or the message of the last error, in whatever case */
  error?: string;
  /** Held by the payload; with one `kind` */
  payload?: string | { [name: string]: JsonValue };
  /** Created at this time or later */
  createdFrom?: string;
  /** Created before this time */
  createdTo?: string;
  /** Ended at this time or later */
  finishedFrom?: string;
  /** Ended before this time */
  finishedTo?: string;
  /** Created before this time; before the request where it is left out */
  before?: string;
}

export interface JobLinks {
  self: string;
  /** Its events, as a stream */
  events: string;
  /** While it has not ended */
  cancel?: string;
  /** While it has not ended: why it has not started, and when it will */
  why?: string;
  /** When it has failed */
  redrive?: string;
}

export interface JobPage {
  items: JobView[];
  /** The `cursor` of the next page; null at the end */
  nextCursor: string | null;
  /** The `cursor` of the page before; null on the first page */
  previousCursor: string | null;
  /** The look ended at its bound, before the page was full: there may be more jobs that fit, and `nextCursor` goes on where it ended */
  partial: boolean;
  /** Of a partial page, how far it has looked: about when the last job was created that it has looked at. Null otherwise */
  searchedUntil: string | null;
  /** With `count=true`: how many jobs fit, on all pages together */
  count?: number;
  /** With `count=true`: false where there are, or may be, more than `count` */
  countIsExact?: boolean;
}

export interface JobScheduleView {
  id: string;
  /** The tick that it was made for */
  tick: string;
  /** The tick before: from it to `tick` is the time that a report is about */
  previousTick: string | null;
}

/** `scheduled` waits for its time: a delay, or the next attempt. `succeeded`, `failed` and `cancelled` are final. */
export type JobState = 'scheduled' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface JobUnique {
  key: string;
}

export interface JobView {
  id: string;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  kind: string;
  queue: string;
  /** `scheduled` waits for its time: a delay, or the next attempt. `succeeded`, `failed` and `cancelled` are final. */
  state: JobState;
  priority: number;
  /** Attempts begun; an interrupted one does not count */
  attempt: number;
  maxAttempts: number;
  /** Null until its handler tells it */
  progress: Progress | null;
  /** What its handler returned; null unless it succeeded */
  result: JsonValue;
  /** Only in events and lists: the result is too large to be told there; `links.self` has it */
  resultOmitted?: true;
  /** Why its last attempt did not succeed */
  error: JobErrorView | null;
  tags: string[];
  /** Only of a job that a schedule has made */
  schedule?: JobScheduleView;
  /** It was asked to stop */
  cancelRequested: boolean;
  /** When the next attempt is due; only while `scheduled` */
  runAt: string | null;
  createdAt: string;
  /** When its newest attempt began */
  startedAt: string | null;
  finishedAt: string | null;
  /** The number of its newest event: the `Last-Event-ID` of a stream that goes on from here */
  lastEventId: number;
  links: JobLinks;
}

/** Which job stays, the one that waits or the new one, which takes its place */
export type Keep = 'oldest' | 'newest';

export interface KeyList {
  items: KeyView[];
}

export interface KeyRotation {
  /** Seconds for which the former key stays valid, so that nobody is refused meanwhile */
  overlapSeconds: number;
}

export interface KeyView {
  /** The part of the key that is no secret */
  id: string;
  name: string;
  /** Whose jobs and other things it is for; null for all tenants */
  tenant: string | null;
  state: 'valid' | 'expired' | 'revoked';
  scopes: (
    | 'jobs:submit'
    | 'jobs:read'
    | 'jobs:payload'
    | 'jobs:control'
    | 'jobs:share'
    | 'dead-letters:read'
    | 'dead-letters:redrive'
    | 'queues:read'
    | 'queues:control'
    | 'schedules:read'
    | 'schedules:write'
    | 'limits:read'
    | 'limits:write'
    | 'retention:read'
    | 'retention:write'
    | 'webhooks:read'
    | 'webhooks:write'
    | 'files:read'
    | 'files:write'
    | 'events:read'
    | 'metrics:read'
    | 'erasures:write'
    | 'audit:read'
    | 'admin'
  )[];
  /** The kinds that it is for; null for all */
  kinds: string[] | null;
  /** Its own limit on requests; 0: none. Null: as REQUESTS_PER_SECOND says */
  requestsPerSecond: number | null;
  createdAt: string;
  createdBy: string;
  expiresAt: string | null;
  /** To the minute */
  lastUsedAt: string | null;
  revokedAt: string | null;
  revokedBy: string | null;
}

export interface KeysNow {
  keys: KeyList;
  sessions: OpenSessionList;
}

export interface KindList {
  items: KindView[];
}

export interface KindPause {
  paused: boolean;
  /** Since when it is paused; null when it is not */
  pausedAt: string | null;
  /** Who has paused it, if that was said */
  pausedBy: string | null;
  /** Why, if that was said */
  pauseReason: string | null;
  kind: string;
}

export interface KindStats {
  kind: string;
  lastMinute: StatsCounts;
  /** Attempts of the last hour after which their job had failed for good */
  failedLastHour: number;
  /** How long attempts ran that ended in the last minute */
  run: StatsLatency;
  /** How long those that began in the last minute had waited */
  wait: StatsLatency;
}

export interface KindView {
  paused: boolean;
  /** Since when it is paused; null when it is not */
  pausedAt: string | null;
  /** Who has paused it, if that was said */
  pausedBy: string | null;
  /** Why, if that was said */
  pauseReason: string | null;
  kind: string;
  description: string;
  queue: string;
  maxAttempts: number;
  /** Of one attempt; null for no limit */
  timeoutMs: number | null;
  backoff: BackoffView;
  priority: number;
  /** Of a worker, that one job takes */
  slots: number;
  /** Its attempts run in child processes; null where they do not */
  isolated: IsolationView | null;
  /** JSON Schema of the payload */
  schema: { [name: string]: JsonValue };
}

export interface LetterGroup {
  /** The fingerprint of the cause */
  group: string;
  state: 'open' | 'acknowledged';
  source: 'job' | 'message';
  /** Stable, for programs */
  reason: string;
  /** Of the newest letter, for people */
  detail: string;
  /** Of its letters, 20 at most */
  kinds: string[];
  /** Who has sent the messages */
  producer: string | null;
  /** The class of the error of the jobs */
  error: string | null;
  /** The first frame of the project's own code */
  frame: string | null;
  letters: number;
  /** How often their messages came */
  occurrences: number;
  firstSeenAt: string;
  lastSeenAt: string;
  /** Letters that were stored in each hour since `hoursFrom` of the list */
  hours: number[];
  /** The newest letter */
  sampleId: string;
  acknowledged: LetterGroupNote | null;
  links: LetterGroupLinks;
}

export interface LetterGroupLinks {
  /** Its letters */
  letters: string;
  /** The newest of them */
  sample: string;
  acknowledge: string;
  /** Where it is acknowledged */
  reopen?: string;
}

export interface LetterGroupList {
  items: LetterGroup[];
  /** All that fit, of which `items` has the first */
  groups: number;
  /** The letters of all of them */
  letters: number;
  /** Letters of older versions that have no group yet: they get it within minutes */
  ungrouped: number;
  /** Where the first of the hours begins */
  hoursFrom: string;
}

export interface LetterGroupNote {
  at: string;
  reason: string | null;
  by: string | null;
  /** Letters that have come since */
  since: number;
}

export interface LetterNote {
  reason?: string;
  by?: string;
}

export interface LettersNow {
  groups: LetterGroupList;
  /** The newest, whatever became of them, where they were asked for */
  letters?: DeadLetterPage;
}

export interface LimitDetail {
  match: LimitMatchView;
  /** `kind`, `queue` or `tag:<name>`: each value has places and a rate of its own */
  per: string | null;
  /** Jobs that run at once at most */
  concurrency: number | null;
  /** Starts in a second, minute or hour at most */
  rate: string | null;
  /** Starts that the rate allows at once after a time without any; null for 1 */
  burst: number | null;
  /** No start comes later than the rate has allowed it */
  strict: boolean;
  name: string;
  /** Which one holds: `api`, or `code:<configuration>`. One that was PUT holds over one in code until it is deleted */
  origin: string;
  /** What code says, where one that was PUT holds in its place */
  code: LimitInCode | null;
  /** Holds over `concurrency` until its end */
  override: LimitOverrideView | null;
  /** Jobs that may run at once now, of each key: the override while it holds, else `concurrency` */
  capacity: number | null;
  /** Jobs that have a place: they run, or are on their way to a worker */
  held: number;
  /** Jobs that wait for this limit */
  parked: number;
  /** How many more have a place than may, after it was lowered. They run to their end, and none starts before */
  draining: number;
  /** When the rate allows the next start; null while it allows one now. With `per` each key has its own */
  nextStartAt: string | null;
  updatedAt: string;
  links: LimitLinks;
  /** Keys that are in use, the busiest first, 100 at most */
  keys: LimitKeyView[];
}

export interface LimitDryRun {
  dryRun: true;
  /** What would become of it */
  outcome: 'created' | 'changed' | 'unchanged';
}

export interface LimitInCode {
  match: LimitMatchView;
  /** `kind`, `queue` or `tag:<name>`: each value has places and a rate of its own */
  per: string | null;
  /** Jobs that run at once at most */
  concurrency: number | null;
  /** Starts in a second, minute or hour at most */
  rate: string | null;
  /** Starts that the rate allows at once after a time without any; null for 1 */
  burst: number | null;
  /** No start comes later than the rate has allowed it */
  strict: boolean;
  /** The configuration that it stands in */
  origin: string;
}

export interface LimitKeyView {
  /** The name of the limit and, with `per`, the value */
  key: string;
  held: number;
  parked: number;
  draining: number;
  nextStartAt: string | null;
}

export interface LimitLinks {
  self: string;
  override: string;
  /** Only in the answer to a change: the job that keys waiting jobs anew */
  rekey?: string;
}

export interface LimitList {
  items: LimitView[];
}

export interface LimitMatch {
  /** A kind, or a prefix such as `partner.*` */
  kind?: string;
  queue?: string;
  /** A tag, or a prefix such as `tenant:*` */
  tag?: string;
}

export interface LimitMatchView {
  /** A kind, or a prefix such as `report.*` */
  kind?: string;
  queue?: string;
  /** A tag, or a prefix such as `tenant:*` */
  tag?: string;
}

export interface LimitNow {
  /** Null where there is none of this name */
  limit: LimitDetail | null;
}

export interface LimitOverride {
  concurrency: number;
  /** Within a year */
  until: string;
}

export interface LimitOverrideView {
  concurrency: number;
  until: string;
}

export interface LimitSettings {
  /** Which jobs it is for: those that fit all that is named; `{}` is for every job */
  match: LimitMatch;
  /** Each value of it has places and a rate of its own. Jobs without a value share one */
  per?: string;
  /** Jobs that run at once at most */
  concurrency?: number;
  /** Starts in a second, minute or hour at most */
  rate?: string;
  /** Starts that the rate allows at once after a time without any */
  burst?: number;
  /** No start comes later than the rate has allowed it. The kind needs a queue of its own */
  strict?: boolean;
}

export interface LimitView {
  match: LimitMatchView;
  /** `kind`, `queue` or `tag:<name>`: each value has places and a rate of its own */
  per: string | null;
  /** Jobs that run at once at most */
  concurrency: number | null;
  /** Starts in a second, minute or hour at most */
  rate: string | null;
  /** Starts that the rate allows at once after a time without any; null for 1 */
  burst: number | null;
  /** No start comes later than the rate has allowed it */
  strict: boolean;
  name: string;
  /** Which one holds: `api`, or `code:<configuration>`. One that was PUT holds over one in code until it is deleted */
  origin: string;
  /** What code says, where one that was PUT holds in its place */
  code: LimitInCode | null;
  /** Holds over `concurrency` until its end */
  override: LimitOverrideView | null;
  /** Jobs that may run at once now, of each key: the override while it holds, else `concurrency` */
  capacity: number | null;
  /** Jobs that have a place: they run, or are on their way to a worker */
  held: number;
  /** Jobs that wait for this limit */
  parked: number;
  /** How many more have a place than may, after it was lowered. They run to their end, and none starts before */
  draining: number;
  /** When the rate allows the next start; null while it allows one now. With `per` each key has its own */
  nextStartAt: string | null;
  updatedAt: string;
  links: LimitLinks;
}

export interface LiveView {
  status: 'ok';
}

export interface LogEvent {
  job: string;
  seq: number;
  at: string;
  /** `warn` is what Longhaul itself has to say about the lines of a handler */
  level: 'info' | 'warn';
  message: string;
  fields: { [name: string]: JsonValue };
}

export interface MadeKey {
  /** The part of the key that is no secret */
  id: string;
  name: string;
  /** Whose jobs and other things it is for; null for all tenants */
  tenant: string | null;
  state: 'valid' | 'expired' | 'revoked';
  scopes: (
    | 'jobs:submit'
    | 'jobs:read'
    | 'jobs:payload'
    | 'jobs:control'
    | 'jobs:share'
    | 'dead-letters:read'
    | 'dead-letters:redrive'
    | 'queues:read'
    | 'queues:control'
    | 'schedules:read'
    | 'schedules:write'
    | 'limits:read'
    | 'limits:write'
    | 'retention:read'
    | 'retention:write'
    | 'webhooks:read'
    | 'webhooks:write'
    | 'files:read'
    | 'files:write'
    | 'events:read'
    | 'metrics:read'
    | 'erasures:write'
    | 'audit:read'
    | 'admin'
  )[];
  /** The kinds that it is for; null for all */
  kinds: string[] | null;
  /** Its own limit on requests; 0: none. Null: as REQUESTS_PER_SECOND says */
  requestsPerSecond: number | null;
  createdAt: string;
  createdBy: string;
  expiresAt: string | null;
  /** To the minute */
  lastUsedAt: string | null;
  revokedAt: string | null;
  revokedBy: string | null;
  /** The key itself. It is shown this once */
  key: string;
}

export interface MatchingJobs {
  dryRun: true;
  /** Jobs that match now */
  matching: number;
  /** Some of them, 20 at most */
  samples: JobView[];
}

export interface MatchingLetters {
  dryRun: true;
  matching: number;
}

export interface MoveJobs {
  /** At least one condition */
  filter?: JobFilter;
  /** All of them; only without a filter */
  all?: boolean;
  /** Jobs in a second at most; as fast as it goes where it is left out */
  rate?: number;
  /** Changes nothing, and answers how many jobs match */
  dryRun?: boolean;
  reason?: string;
  by?: string;
  /** A declared queue. Jobs that are in it already do not match */
  queue: string;
}

export interface NewEndpoint {
  url?: string;
  description?: string;
  /** Empty for all of jobs; alerts only where they are named */
  events?: ('job.succeeded' | 'job.failed' | 'job.cancelled' | 'alert.opened' | 'alert.ended')[];
  /** Kinds, or prefixes with .*; empty for all */
  kinds?: string[];
  /** Jobs with one of them; empty for all */
  tags?: string[];
  /** false to disable it; true to enable it again, also after a 410 */
  enabled?: boolean;
  /** Made when left out */
  secret?: string;
}

export interface NewKey {
  /** Who will have it */
  name: string;
  /** Whose jobs and other things it is for; null for all tenants. Left out, for all where a scope allows what belongs to the whole installation, and else for `default` */
  tenant?: string | null;
  scopes: (
    | 'jobs:submit'
    | 'jobs:read'
    | 'jobs:payload'
    | 'jobs:control'
    | 'jobs:share'
    | 'dead-letters:read'
    | 'dead-letters:redrive'
    | 'queues:read'
    | 'queues:control'
    | 'schedules:read'
    | 'schedules:write'
    | 'limits:read'
    | 'limits:write'
    | 'retention:read'
    | 'retention:write'
    | 'webhooks:read'
    | 'webhooks:write'
    | 'files:read'
    | 'files:write'
    | 'events:read'
    | 'metrics:read'
    | 'erasures:write'
    | 'audit:read'
    | 'admin'
  )[];
  /** Kinds, or prefixes with .*, that it is for. Such a key may have scopes of jobs, events and files only */
  kinds?: string[];
  /** Requests that it may send in a second to each process of a gateway, and twice as many at once after a pause; 0 for any number. Left out, as REQUESTS_PER_SECOND says */
  requestsPerSecond?: number;
  /** When it ends; never when left out */
  expiresAt?: string;
}

export interface NewStatusLink {
  /** What its reader calls the job */
  title?: string;
  /** What it lets its reader download; nothing when left out */
  shows?: ('result' | 'files')[];
  /** When it ends, within 90 days; as STATUS_LINK_HOURS says when left out */
  expiresAt?: string;
  /** The time zone of the times on the page */
  timezone?: string;
}

export interface NewStreamTicket {
  /** The path of a stream with its filter: /jobs/events, /jobs/<id>/events, /stats/stream, /webhooks/stream, /streams/schedules, /streams/dead-letters, /streams/audit, /streams/keys or /ws. The ticket opens no other */
  url: string;
}

export interface OpenSessionList {
  items: OpenSessionView[];
}

export interface OpenSessionView {
  id: string;
  /** `key:` and the id of its key, or `oidc:` and the `sub` of an account, as the audit names it */
  subject: string;
  /** The name of its key, or of the account */
  name: string;
  /** Whose jobs and other things it is for; null for all tenants */
  tenant: string | null;
  scopes: (
    | 'jobs:submit'
    | 'jobs:read'
    | 'jobs:payload'
    | 'jobs:control'
    | 'jobs:share'
    | 'dead-letters:read'
    | 'dead-letters:redrive'
    | 'queues:read'
    | 'queues:control'
    | 'schedules:read'
    | 'schedules:write'
    | 'limits:read'
    | 'limits:write'
    | 'retention:read'
    | 'retention:write'
    | 'webhooks:read'
    | 'webhooks:write'
    | 'files:read'
    | 'files:write'
    | 'events:read'
    | 'metrics:read'
    | 'erasures:write'
    | 'audit:read'
    | 'admin'
  )[];
  /** The kinds that it is for; null for all */
  kinds: string[] | null;
  openedAt: string;
  /** To the minute */
  lastUsedAt: string;
  /** When it ends at the latest */
  until: string;
}

export interface PauseNote {
  reason?: string;
  by?: string;
}

export interface Problem {
  /** Which problem it is: stable, for programs */
  type: string;
  /** The same for each problem of the type */
  title: string;
  /** The status of the answer */
  status: number;
  /** What was expected, what came, what to do */
  detail: string;
  /** The request, or the dead letter of a refused message */
  instance: string;
  /** One entry for each fault of the body */
  errors?: ProblemFault[];
  /** Of `overloaded`, `queue-full`, `rate-limited` and `quota-exceeded` */
  exceeded?: ExceededLimit;
}

export interface ProblemFault {
  /** RFC 6901, into the request's body */
  pointer: string;
  detail: string;
}

export interface Progress {
  done: number;
  total?: number;
  message?: string;
  /** Units in a second, where there is a total */
  rate?: number;
  /** When the attempt will be through at this rate */
  estimatedEnd?: string;
}

export interface ProgressEvent {
  done: number;
  total?: number;
  message?: string;
  /** Units in a second, where there is a total */
  rate?: number;
  /** When the attempt will be through at this rate */
  estimatedEnd?: string;
  job: string;
  seq: number;
  at: string;
}

export interface QueueAssignment {
  requestedAt: string;
  by: string | null;
  reason: string | null;
  queues: string[];
}

export interface QueueChange {
  reason?: string;
  by?: string;
  paused?: boolean;
  /** null: first in, first out */
  fair?: QueueFairness | null;
}

export interface QueueFairness {
  /** What a key is: the value of a tag, such as `acme` of `tenant:acme`, or the kind. A job without such a tag counts under its kind */
  by: string;
  /** Each key gets its share of the jobs started, or of worker seconds */
  cost?: 'count' | 'time';
  /** A key that is not there has the weight 1 */
  weights?: { [name: string]: number };
}

export interface QueueHistory {
  name: string;
  points: DepthPoint[];
}

export interface QueueList {
  items: QueueView[];
}

export interface QueuePause {
  paused: boolean;
  /** Since when it is paused; null when it is not */
  pausedAt: string | null;
  /** Who has paused it, if that was said */
  pausedBy: string | null;
  /** Why, if that was said */
  pauseReason: string | null;
  name: string;
}

export interface QueueSettings {
  paused: boolean;
  /** Since when it is paused; null when it is not */
  pausedAt: string | null;
  /** Who has paused it, if that was said */
  pausedBy: string | null;
  /** Why, if that was said */
  pauseReason: string | null;
  name: string;
  /** How it shares its workers; null: first in, first out */
  fair: QueueFairness | null;
}

export interface QueueStats {
  paused: boolean;
  /** Since when it is paused; null when it is not */
  pausedAt: string | null;
  /** Who has paused it, if that was said */
  pausedBy: string | null;
  /** Why, if that was said */
  pauseReason: string | null;
  name: string;
  /** How it shares its workers; null: first in, first out */
  fair: QueueFairness | null;
  scheduled: number;
  queued: number;
  running: number;
  /** Of the queued ones: those that wait in PostgreSQL for their turn */
  waiting: number;
  /** Of the queued ones: those that wait in PostgreSQL because a limit has no room for them */
  parked: number;
  /** Seconds that the oldest queued job has waited; null when none waits */
  oldestAgeSeconds: number | null;
  /** Live workers that take from it */
  consumers: number;
  /** Jobs of it that its workers run at once; `running` of them are in use. Null in single-process mode, where all queues share the slots of `workers` */
  slots: number | null;
  lastMinute: StatsCounts;
  /** How long jobs that began in the last minute had waited since they were due */
  wait: StatsLatency;
}

export interface QueueView {
  paused: boolean;
  /** Since when it is paused; null when it is not */
  pausedAt: string | null;
  /** Who has paused it, if that was said */
  pausedBy: string | null;
  /** Why, if that was said */
  pauseReason: string | null;
  name: string;
  /** How it shares its workers; null: first in, first out */
  fair: QueueFairness | null;
  scheduled: number;
  queued: number;
  running: number;
  /** Of the queued ones: those that wait in PostgreSQL for their turn */
  waiting: number;
  /** Of the queued ones: those that wait in PostgreSQL because a limit has no room for them */
  parked: number;
  /** Seconds that the oldest queued job has waited; null when none waits */
  oldestAgeSeconds: number | null;
  /** Live workers that take from it */
  consumers: number;
}

export interface QuotaSettings {
  /** Jobs that have not ended, scheduled ones too */
  unfinishedJobs?: number | null;
  /** Jobs submitted in a second */
  submissionsPerSecond?: number | null;
  /** Jobs submitted at once, after a pause; twice as many as in a second unless set */
  submissionsBurst?: number | null;
  /** Bytes of files */
  fileBytes?: number | null;
  /** Schedules */
  schedules?: number | null;
  /** Receivers of outcomes */
  webhookEndpoints?: number | null;
  /** E-mails in an hour */
  emailsPerHour?: number | null;
  /** Requests that wait for a job (Prefer: wait) */
  waits?: number | null;
  /** Streams of events, SSE and WebSockets */
  streams?: number | null;
  /** Uploads at once */
  uploads?: number | null;
}

export interface QuotaState {
  /** So much it may have; null: without a bound */
  limit: number | null;
  /** So much it has; null where that is not kept */
  used: number | null;
  /** Where the limit was set: for this tenant, or for all by a setting of the gateway */
  from: 'tenant' | 'setting';
}

export interface QuotaStates {
  /** Jobs that have not ended, scheduled ones too */
  unfinishedJobs: QuotaState;
  /** Jobs submitted in a second */
  submissionsPerSecond: QuotaState;
  /** Jobs submitted at once, after a pause; twice as many as in a second unless set */
  submissionsBurst: QuotaState;
  /** Bytes of files */
  fileBytes: QuotaState;
  /** Schedules */
  schedules: QuotaState;
  /** Receivers of outcomes */
  webhookEndpoints: QuotaState;
  /** E-mails in an hour */
  emailsPerHour: QuotaState;
  /** Requests that wait for a job (Prefer: wait) */
  waits: QuotaState;
  /** Streams of events, SSE and WebSockets */
  streams: QuotaState;
  /** Uploads at once */
  uploads: QuotaState;
}

export interface ReadyView {
  /** `overloaded`: submissions are refused, everything else is served */
  status: 'ok' | 'overloaded' | 'unavailable';
  database: 'up' | 'down';
  /** `none`: the gateway runs its jobs itself */
  broker: 'up' | 'down' | 'blocked' | 'none';
  /** Why the broker is not up, with the broker's own text; only to callers that name the gateway as the operator does */
  reason?: string;
  /** The limits that are reached now */
  exceeded: ExceededLimit[];
}

export interface ReceiverAnswer {
  contentType: string;
  /** At most 2,000 bytes */
  body: string;
}

export interface RedriveEdits {
  reason?: string;
  by?: string;
  /** A job keeps its kind */
  kind?: string;
  /** In place of what it had */
  payload?: JsonValue;
  /** In place of those that the message had; a job keeps its options */
  options?: SubmitOptions;
}

export interface RedriveJob {
  reason?: string;
  by?: string;
  /** In place of what it had */
  payload?: JsonValue;
}

export interface RedriveJobs {
  /** At least one condition */
  filter?: FailedJobFilter;
  /** All of them; only without a filter */
  all?: boolean;
  /** Jobs in a second at most; as fast as it goes where it is left out */
  rate?: number;
  /** Changes nothing, and answers how many jobs match */
  dryRun?: boolean;
  reason?: string;
  by?: string;
}

export interface RedriveLetters {
  reason?: string;
  kind?: string;
  queue?: string;
  source?: 'job' | 'message';
  /** Of one cause */
  group?: string;
  /** Stored at this time or later */
  from?: string;
  /** Stored before this time */
  to?: string;
  /** All of them; only without a filter */
  all?: boolean;
  /** By a job (202), so many in a second at most */
  rate?: number;
  /** Who does it, and why */
  note?: LetterNote;
  /** Changes nothing, and answers how many match */
  dryRun?: boolean;
}

export interface RedrivenLetter {
  jobId: string;
  links: RedrivenLinks;
}

export interface RedrivenLetters {
  redriven: number;
  refused: Refused[];
}

export interface RedrivenLinks {
  job: string;
}

export interface Refused {
  id: string;
  detail: string;
}

export interface RekeyLinks {
  /** The job that gives waiting jobs the limits that hold now */
  rekey: string;
}

export interface Rekeying {
  name: string;
  links: RekeyLinks;
}

export interface ReplayFilter {
  endpoint?: string;
  job?: string;
  state?: DeliveryState;
  /** Made at or after this time: a date, or RFC 3339 */
  since?: string;
  /** Made before this time */
  until?: string;
}

export interface Replayed {
  replayed: number;
  refused: Refused[];
}

export interface ReprioritiseJobs {
  /** At least one condition */
  filter?: JobFilter;
  /** All of them; only without a filter */
  all?: boolean;
  /** Jobs in a second at most; as fast as it goes where it is left out */
  rate?: number;
  /** Changes nothing, and answers how many jobs match */
  dryRun?: boolean;
  reason?: string;
  by?: string;
  /** The new one. Jobs that have it already do not match */
  priority: number;
}

export interface ResetEvent {
  job: string;
  seq: number;
  view: JobView;
}

export interface RetentionLinks {
  self: string;
}

export interface RetentionList {
  /** By tenant and kinds */
  items: RetentionRuleView[];
  settings: RetentionSettings;
}

export interface RetentionRuleView {
  /** Seconds from their end that succeeded jobs are kept; null: for ever. Left out: the next less specific rule says it */
  succeededSeconds?: number | null;
  /** Seconds from their end that failed and cancelled jobs are kept; null: for ever. Left out: the next less specific rule says it */
  failedSeconds?: number | null;
  /** A kind such as `csv.import`, a prefix, or `*` for every kind */
  kinds: string;
  /** Whose jobs; null: those of all tenants, where a tenant has no rule of its own that says it */
  tenant: string | null;
  /** Where it was set: `api`, or `code:<configuration>`, which holds where no rule of `api` says it */
  origin: string;
  updatedAt: string;
  links: RetentionLinks;
}

export interface RetentionSettings {
  /** RETENTION_HOURS in seconds; null: for ever */
  succeededSeconds: number | null;
  /** RETENTION_FAILED_HOURS in seconds; null: for ever */
  failedSeconds: number | null;
}

export interface RetentionTimes {
  /** Seconds from their end that succeeded jobs are kept; null: for ever. Left out: the next less specific rule says it */
  succeededSeconds?: number | null;
  /** Seconds from their end that failed and cancelled jobs are kept; null: for ever. Left out: the next less specific rule says it */
  failedSeconds?: number | null;
}

export interface RotateSecret {
  /** Made when left out */
  secret?: string;
  /** How long the former secrets sign too */
  graceSeconds?: number;
}

export interface ScheduleBackfill {
  /** The first moment, from 1970 on */
  from: string;
  /** The last moment; not in the future */
  to: string;
  /** Only counts */
  dryRun?: boolean;
}

export interface ScheduleBackfilled {
  /** Ticks of that time */
  ticks: number;
  /** Jobs that were made; with `dryRun`, that would be */
  submitted: number;
  /** Ticks that have a job already */
  skipped: number;
  refused: number;
  /** Why the first was refused */
  detail: string | null;
  /** Nothing was done */
  dryRun: boolean;
}

export interface ScheduleDetail {
  paused: boolean;
  /** Since when it is paused; null when it is not */
  pausedAt: string | null;
  /** Who has paused it, if that was said */
  pausedBy: string | null;
  /** Why, if that was said */
  pauseReason: string | null;
  id: string;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  kind: string;
  spec: ScheduleSpec;
  /** Of its jobs, as a submission has them */
  options: { [name: string]: JsonValue };
  description: string;
  /** What becomes of a tick while the last job has not ended */
  overlap: ScheduleOverlap;
  /** Which of the ticks that nobody was there for are made up for */
  missed: ScheduleMissed;
  /** How old a missed tick may be to be made up for, in milliseconds */
  missedWindow: number;
  /** By how much the jobs of ticks are put off at most, in milliseconds */
  jitter: number;
  startsAt: string | null;
  endsAt: string | null;
  /** So many failures in a row pause it; null for never */
  pauseAfterFailures: number | null;
  /** The first tick that was not looked at; null where none comes any more */
  nextTick: string | null;
  /** When it is looked at next: the tick and its jitter; null while it is paused */
  dueAt: string | null;
  /** The last tick that was looked at, whatever became of it */
  lastTick: string | null;
  /** The job that the rule of overlap goes by */
  lastJobId: string | null;
  /** Failures in a row */
  failures: number;
  /** Who has set it: `api`, or `code:<configuration>` */
  origin: string;
  /** Grows with each change of what it says; `If-Match` compares it */
  revision: number;
  createdAt: string;
  updatedAt: string;
  links: ScheduleLinks;
  /** Of its jobs */
  payload: JsonValue;
  /** The next five, also of a paused one */
  nextRuns: ScheduleRun[];
  /** The last twenty, newest first */
  ticks: ScheduleTick[];
}

export interface ScheduleDryRun {
  dryRun: true;
  /** What would become of it */
  outcome: 'created' | 'changed' | 'unchanged';
  /** The revision that there is, for `If-Match`; null where there is none */
  revision: number | null;
  /** The next runs that it would have */
  nextRuns: ScheduleRun[];
}

export interface ScheduleLinks {
  self: string;
  pause: string;
  resume: string;
  trigger: string;
  backfill: string;
  /** Its jobs, newest first */
  jobs: string;
}

/** Which of the ticks that nobody was there for are made up for */
export type ScheduleMissed = 'skip' | 'last' | 'all';

export interface ScheduleNow {
  paused: boolean;
  /** Since when it is paused; null when it is not */
  pausedAt: string | null;
  /** Who has paused it, if that was said */
  pausedBy: string | null;
  /** Why, if that was said */
  pauseReason: string | null;
  id: string;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  kind: string;
  spec: ScheduleSpec;
  /** Of its jobs, as a submission has them */
  options: { [name: string]: JsonValue };
  description: string;
  /** What becomes of a tick while the last job has not ended */
  overlap: ScheduleOverlap;
  /** Which of the ticks that nobody was there for are made up for */
  missed: ScheduleMissed;
  /** How old a missed tick may be to be made up for, in milliseconds */
  missedWindow: number;
  /** By how much the jobs of ticks are put off at most, in milliseconds */
  jitter: number;
  startsAt: string | null;
  endsAt: string | null;
  /** So many failures in a row pause it; null for never */
  pauseAfterFailures: number | null;
  /** The first tick that was not looked at; null where none comes any more */
  nextTick: string | null;
  /** When it is looked at next: the tick and its jitter; null while it is paused */
  dueAt: string | null;
  /** The last tick that was looked at, whatever became of it */
  lastTick: string | null;
  /** The job that the rule of overlap goes by */
  lastJobId: string | null;
  /** Failures in a row */
  failures: number;
  /** Who has set it: `api`, or `code:<configuration>` */
  origin: string;
  /** Grows with each change of what it says; `If-Match` compares it */
  revision: number;
  createdAt: string;
  updatedAt: string;
  links: ScheduleLinks;
  /** The last twenty, newest first */
  ticks: ScheduleTick[];
}

/** What becomes of a tick while the last job has not ended */
export type ScheduleOverlap = 'skip' | 'buffer' | 'allow' | 'cancel';

export interface SchedulePage {
  items: ScheduleView[];
  /** The `cursor` of the next page; null at the end */
  nextCursor: string | null;
}

export interface SchedulePreview {
  nextRuns: ScheduleRun[];
}

export interface SchedulePreviewRequest {
  spec: ScheduleSpec;
  count?: number;
  startsAt?: string;
  endsAt?: string;
}

export interface ScheduleRun {
  tick: string;
  /** As the clocks of its zone show it */
  local: string;
  /** When its job is made: the tick and its jitter */
  dueAt: string;
  note?: string;
}

export interface ScheduleSettings {
  /** GET /kinds lists them */
  kind: string;
  /** As the schema of the kind says */
  payload: { [name: string]: JsonValue };
  spec: ScheduleSpec;
  /** Of its jobs; not `runAt`, `delay` and `unique`. The tag `schedule:<id>` is added */
  options?: SubmitOptions;
  description?: string;
  /** While the last job has not ended: `skip` makes none, `buffer` makes one when it has ended, `allow` makes one beside it, `cancel` asks it to stop and makes one then */
  overlap?: ScheduleOverlap;
  /** Ticks that no gateway was there for: `skip` makes up for none, `last` for the newest, `all` for each within `missedWindow`, 1,000 at most */
  missed?: ScheduleMissed;
  /** From 0 to 366d; 1d when left out */
  missedWindow?: string | number;
  /** Puts each job off by a part of it, shorter than the time between two ticks */
  jitter?: string | number;
  startsAt?: string;
  endsAt?: string;
  /** So many failures in a row pause it */
  pauseAfterFailures?: number;
}

export interface ScheduleSpec {
  /** Five fields, six with seconds first, or a name such as `@daily` */
  cron?: string;
  /** Of the IANA time zone database */
  timezone?: string;
  /** Milliseconds, or text such as `30s`, `15m` or `PT15M` */
  every?: string | number;
  /** Ticks are whole multiples of `every` away from it; left out, from the beginning of 1970 by UTC */
  anchor?: string;
  /** Once, at this time */
  at?: string;
}

export interface ScheduleTick {
  tick: string;
  previousTick: string | null;
  outcome: TickOutcome;
  /** `trigger` and `backfill`: made by those */
  source: TickSource;
  jobId: string | null;
  /** Why it was refused */
  detail: string | null;
  /** When that was written down */
  at: string;
}

export interface ScheduleTriggered {
  jobId: string;
  /** It was there already, by its idempotency key */
  replayed: boolean;
  links: TriggeredLinks;
}

export interface ScheduleView {
  paused: boolean;
  /** Since when it is paused; null when it is not */
  pausedAt: string | null;
  /** Who has paused it, if that was said */
  pausedBy: string | null;
  /** Why, if that was said */
  pauseReason: string | null;
  id: string;
  /** Whose it is, to keys for all tenants; null for none */
  tenant?: string | null;
  kind: string;
  spec: ScheduleSpec;
  /** Of its jobs, as a submission has them */
  options: { [name: string]: JsonValue };
  description: string;
  /** What becomes of a tick while the last job has not ended */
  overlap: ScheduleOverlap;
  /** Which of the ticks that nobody was there for are made up for */
  missed: ScheduleMissed;
  /** How old a missed tick may be to be made up for, in milliseconds */
  missedWindow: number;
  /** By how much the jobs of ticks are put off at most, in milliseconds */
  jitter: number;
  startsAt: string | null;
  endsAt: string | null;
  /** So many failures in a row pause it; null for never */
  pauseAfterFailures: number | null;
  /** The first tick that was not looked at; null where none comes any more */
  nextTick: string | null;
  /** When it is looked at next: the tick and its jitter; null while it is paused */
  dueAt: string | null;
  /** The last tick that was looked at, whatever became of it */
  lastTick: string | null;
  /** The job that the rule of overlap goes by */
  lastJobId: string | null;
  /** Failures in a row */
  failures: number;
  /** Who has set it: `api`, or `code:<configuration>` */
  origin: string;
  /** Grows with each change of what it says; `If-Match` compares it */
  revision: number;
  createdAt: string;
  updatedAt: string;
  links: ScheduleLinks;
}

export interface SchedulesNow {
  /** The first that fit, by id */
  items: ScheduleNow[];
  /** The `cursor` of what follows in `GET /schedules`; null at the end */
  nextCursor: string | null;
}

export interface SessionRequest {
  /** An API key */
  key: string;
}

export interface SessionView {
  /** Whether callers need credentials here. Without, everybody who reaches the port may do everything */
  auth: boolean;
  /** Whose jobs and other things it is for; null for all tenants */
  tenant: string | null;
  /** As the audit names it */
  subject: string;
  /** The name of its key, or of the holder of its token */
  name: string;
  /** How it was known; `local` without AUTH */
  via: 'key' | 'session' | 'jwt' | 'local';
  scopes: (
    | 'jobs:submit'
    | 'jobs:read'
    | 'jobs:payload'
    | 'jobs:control'
    | 'jobs:share'
    | 'dead-letters:read'
    | 'dead-letters:redrive'
    | 'queues:read'
    | 'queues:control'
    | 'schedules:read'
    | 'schedules:write'
    | 'limits:read'
    | 'limits:write'
    | 'retention:read'
    | 'retention:write'
    | 'webhooks:read'
    | 'webhooks:write'
    | 'files:read'
    | 'files:write'
    | 'events:read'
    | 'metrics:read'
    | 'erasures:write'
    | 'audit:read'
    | 'admin'
  )[];
  /** The kinds that it is for; null for all */
  kinds: string[] | null;
  /** When it ends; null for never */
  until: string | null;
  /** The operations that need a reason here, by REQUIRE_REASONS */
  reasonsRequired: string[];
}

export interface StateEvent {
  job: string;
  /** Grows by each event of one job: with `job` it names the event, over every channel */
  seq: number;
  at: string;
  /** `scheduled` waits for its time: a delay, or the next attempt. `succeeded`, `failed` and `cancelled` are final. */
  state: JobState;
  attempt: number;
  /** What the handler returned */
  result?: JsonValue;
  /** The result is too large to be told here; `GET /jobs/{id}` has it */
  resultOmitted?: true;
  error?: JobErrorView | null;
  progress?: Progress | null;
}

export interface StatsCounts {
  /** Stored by a submission, through any door */
  accepted: number;
  /** Attempts that began */
  started: number;
  succeeded: number;
  /** Attempts after which their job had failed for good */
  failed: number;
  /** Attempts that a cancel has ended */
  cancelled: number;
  /** Attempts that have failed, of jobs that are tried again */
  retried: number;
}

export interface StatsHistory {
  from: string;
  /** Not in it any more */
  to: string;
  /** Of a step */
  stepSeconds: number;
  /** Only of this queue */
  queue: string | null;
  /** Only of this kind */
  kind: string | null;
  /** Each step, also those in which nothing happened */
  points: StatsPoint[];
  /** How many jobs waited: of the asked queue, else of the 10 deepest. Not by kind */
  queues: QueueHistory[];
}

export interface StatsJobs {
  scheduled: number;
  queued: number;
  running: number;
}

export interface StatsLatency {
  /** Attempts */
  count: number;
  /** The mean, exact; null of none */
  meanSeconds: number | null;
  /** The median */
  p50Seconds: number | null;
  /** 95 of 100 were no slower */
  p95Seconds: number | null;
}

export interface StatsLedger {
  /** A day before it was counted */
  since: string;
  /** Some seconds ago at most, where a count does not take long */
  countedAt: string;
  accepted: number;
  scheduled: number;
  queued: number;
  running: number;
  succeeded: number;
  failed: number;
  cancelled: number;
}

export interface StatsPoint {
  /** Stored by a submission, through any door */
  accepted: number;
  /** Attempts that began */
  started: number;
  succeeded: number;
  /** Attempts after which their job had failed for good */
  failed: number;
  /** Attempts that a cancel has ended */
  cancelled: number;
  /** Attempts that have failed, of jobs that are tried again */
  retried: number;
  /** Its beginning */
  at: string;
  /** How long attempts ran that ended in it */
  run: StatsLatency;
  /** How long those that began in it had waited */
  wait: StatsLatency;
}

export interface StatsUnavailable {
  /** By the gateway's clock */
  at: string;
  verdict: StatsVerdict;
}

export interface StatsVerdict {
  /** False where anything was found */
  ok: boolean;
  /** `error`: jobs wait that would run otherwise, or are refused. `warning`: somebody should look */
  level: VerdictLevel;
  /** Of the rule that has found it; stable, for programs. `ok` where nothing was found */
  code: string;
  message: string;
  /** Where the API shows it */
  link: string | null;
  /** How much else was found */
  more: number;
}

export interface StatsView {
  at: string;
  verdict: StatsVerdict;
  /** RabbitMQ, as this gateway sees it; `none`: the gateway runs its jobs itself */
  broker: 'up' | 'down' | 'blocked' | 'none';
  /** How long PostgreSQL took to answer the shortest question, in milliseconds */
  databaseMs: number;
  /** Null while it could not be counted */
  ledger: StatsLedger | null;
  jobs: StatsJobs;
  /** When the last ten seconds and the last minute were over. Processes write what they have counted each ten seconds, so this is 2 to 12 seconds ago */
  until: string;
  lastTenSeconds: StatsCounts;
  lastMinute: StatsCounts;
  /** How long attempts ran that ended in the last minute */
  run: StatsLatency;
  /** How long those that began in the last minute had waited since they were due */
  wait: StatsLatency;
  workers: StatsWorkers;
  /** Those in which most jobs wait first; 100 at most */
  queues: QueueStats[];
  /** Of all queues */
  queueCount: number;
  /** Kinds that had jobs in the last minute, or failures in the last hour; 100 at most */
  kinds: KindStats[];
  /** Of all such kinds */
  kindCount: number;
  /** Dead letters of the last hour by kind and reason, the most first; 50 groups and the newest 10,000 letters at most */
  failures: FailureStats[];
}

export interface StatsWorkers {
  /** With a lease that holds */
  live: number;
  /** Those of them that were asked to end */
  draining: number;
  /** Whose lease is over: their jobs are taken over */
  late: number;
  /** Jobs that may run at once: of each worker and each of its queues WORKER_CONCURRENCY; in single-process mode of the process */
  slots: number;
  /** Jobs that run */
  slotsUsed: number;
}

export interface StatusLink {
  /** Whoever has it sees the page. Below PUBLIC_URL, or a path where that is not set */
  statusUrl: string;
  title: string | null;
  shows: ('result' | 'files')[];
  expiresAt: string;
  timezone: string;
}

export interface StepList {
  items: StepView[];
  /** False where there are more than fit into an answer */
  complete: boolean;
}

export interface StepView {
  name: string;
  /** What it gave back */
  result: JsonValue;
  endedAt: string;
}

export interface StreamTicket {
  ticket: string;
  /** What the browser opens */
  url: string;
  expiresAt: string;
}

export interface SubmitBatch {
  jobs: BatchEntry[];
}

export interface SubmitJob {
  /** GET /kinds lists them */
  kind: string;
  /** As the schema of the kind says */
  payload: JsonValue | { [name: string]: JsonValue };
  options?: SubmitOptions;
}

export interface SubmitOptions {
  queue?: string;
  priority?: number;
  runAt?: string;
  /** Milliseconds, or text such as 30s, 15m, 1w, PT15M, P1W */
  delay?: string | number;
  /** A time, or how long from now: a job that has not started by then ends as failed, with the code `expired`. One that has started once is not bound by it any more. */
  startBefore?: string | number;
  /** Of one attempt */
  timeout?: string | number;
  maxAttempts?: number;
  callbackUrl?: string;
  notifyEmail?: string;
  /** At most one job of its kind with this `key` waits, for its time or for its turn. `keep`: with `oldest` a submission is answered with the job that waits, and makes none; with `newest` it cancels that job, and its own waits in its place. A job that has started once does not count. */
  unique?: Unique;
  /** In a queue that is shared fairly: the key whose share the job takes, in place of what its tag or its kind says. Without meaning in other queues. */
  flowKey?: string;
  tags?: string[];
}

export interface TenantLinks {
  quotas: string;
}

export interface TenantPage {
  /** By name */
  items: TenantView[];
  /** Of the next page; null on the last */
  nextCursor: string | null;
}

export interface TenantQuotas {
  /** Its name */
  tenant: string;
  quotas: QuotaStates;
}

export interface TenantView {
  /** Its name */
  tenant: string;
  /** Its own quotas; null: it has none, and the settings hold */
  quotas: QuotaSettings | null;
  links: TenantLinks;
}

export interface TextBody {
  text: string;
}

export type TickOutcome = 'submitted' | 'skipped_overlap' | 'buffered' | 'coalesced' | 'missed' | 'refused';

/** `trigger` and `backfill`: made by those */
export type TickSource = 'tick' | 'backfill' | 'trigger';

export interface TriggeredLinks {
  job: string;
}

export interface Unique {
  /** Of all jobs of one kind that have it, one waits at most */
  key: string;
  /** Which job stays, the one that waits or the new one, which takes its place */
  keep?: Keep;
}

/** `error`: jobs wait that would run otherwise, or are refused. `warning`: somebody should look */
export type VerdictLevel = 'ok' | 'warning' | 'error';

export interface WebhookTest {
  /** The receiver answered 2xx */
  delivered: boolean;
  /** Null when it was delivered. `address_refused` and `https_required`: nothing was sent. `name_unknown`: DNS. `not_trusted`: TLS. `status`: it answered, with no 2xx */
  reason: 'address_refused' | 'https_required' | 'name_unknown' | 'not_trusted' | 'timeout' | 'connection' | 'status' | null;
  /** The `webhook-id` that was sent */
  webhookId: string;
  attempt: DeliveryAttempt;
  /** The text that was signed and sent */
  body: string;
}

export interface WebhooksNow {
  /** All receivers, oldest first */
  endpoints: EndpointView[];
  /** The newest deliveries that fit */
  deliveries: DeliveryPage;
}

export interface WhyBehind {
  code: 'behind';
  queue: string;
  /** Jobs of its queue that come before it */
  ahead: number;
  /** False where there are more than 10,000: `ahead` is then put together of counts */
  aheadIsExact: boolean;
}

export interface WhyBrokerAway {
  code: 'broker_away';
  broker: 'down' | 'blocked';
}

export interface WhyLimit {
  code: 'limit';
  /** The name of the limit, and the value that it counts by */
  limit: string;
  /** How many may run */
  capacity: number;
  /** How many run, or are on their way to a worker */
  held: number;
  /** Jobs that wait for this limit that come before it */
  ahead: number;
  /** False where there are more than 10,000: `ahead` is then put together of counts */
  aheadIsExact: boolean;
  /** Those that run, the first ten: ids of jobs */
  holders: string[];
}

export interface WhyLinks {
  job: string;
}

export interface WhyNoWorker {
  code: 'no_worker';
  queue: string;
  /** Live workers that take its queue */
  workers: number;
  /** Slots of a worker that it takes */
  needsSlots: number;
  /** Slots of the largest of these workers; null without any */
  largestWorker: number | null;
}

export interface WhyPaused {
  code: 'paused';
  what: 'queue' | 'kind';
  /** Of the queue or the kind */
  name: string;
  since: string;
  /** Who has paused it, if that was said */
  by: string | null;
  /** Why, if that was said */
  reason: string | null;
}

export interface WhyPublished {
  code: 'published';
  since: string;
  /** False: the message is on its way, RabbitMQ has not confirmed it yet */
  confirmed: boolean;
}

export interface WhyRate {
  code: 'rate';
  /** The name of the limit, and the value that it counts by */
  limit: string;
  /** When the next of its jobs may start */
  nextAt: string;
  /** Jobs that wait for this limit that come before it */
  ahead: number;
  /** False where there are more than 10,000: `ahead` is then put together of counts */
  aheadIsExact: boolean;
}

export interface WhyRunning {
  code: 'running';
  /** The worker process that runs it: host and pid. Null where that is not known any more */
  worker: string | null;
  since: string;
  attempt: number;
}

export interface WhyScheduled {
  code: 'scheduled';
  until: string;
  /** `delay`: its submission said so. `backoff`: an attempt has failed. `snooze`: its handler said so. `unknown_kind`: a worker did not know its kind */
  by: 'delay' | 'backoff' | 'snooze' | 'unknown_kind';
  /** The number of the attempt that is to come */
  attempt: number;
}

export interface WhyView {
  id: string;
  /** `scheduled` waits for its time: a delay, or the next attempt. `succeeded`, `failed` and `cancelled` are final. */
  state: JobState;
  /** All causes that hold, the one that has to end first at the beginning; none of a job that has ended */
  reasons: (WhyPaused | WhyScheduled | WhyNoWorker | WhyBrokerAway | WhyLimit | WhyRate | WhyBehind | WhyPublished | WhyRunning)[];
  /** When it will start; null where nothing can be said, and of a job that has started */
  estimatedStart: string | null;
  /** What the estimate rests on */
  confidence: string | null;
  links: WhyLinks;
}

export interface WorkerJob {
  id: string;
  kind: string;
  queue: string;
  attempt: number;
  /** Of the worker, that it takes */
  slots: number;
  startedAt: string;
}

export interface WorkerLinks {
  queues: string;
  drain: string;
}

export interface WorkerList {
  items: WorkerView[];
}

export interface WorkerQueues {
  /** New for each start of a process */
  id: number;
  /** Host and pid */
  name: string;
  /** Taken from now; empty: all */
  queues: string[];
  /** Of its WORKER_QUEUES; null: an older version */
  configuredQueues: string[] | null;
  assigned: QueueAssignment | null;
}

/** `draining`: it was asked to, takes nothing new and ends. `late`: it has not renewed its lease, and its jobs are taken over */
export type WorkerState = 'running' | 'draining' | 'late';

export interface WorkerView {
  /** New for each start of a process */
  id: number;
  /** Host and pid */
  name: string;
  /** Taken from now; empty: all */
  queues: string[];
  /** Of its WORKER_QUEUES; null: an older version */
  configuredQueues: string[] | null;
  assigned: QueueAssignment | null;
  /** `draining`: it was asked to, takes nothing new and ends. `late`: it has not renewed its lease, and its jobs are taken over */
  state: WorkerState;
  startedAt: string;
  /** Renewed each second */
  leaseUntil: string;
  /** Its slots of each queue: jobs of one slot that it runs at once */
  concurrency: number;
  /** Of Longhaul */
  version: string | null;
  /** Of Node */
  node: string | null;
  /** The kinds that it knows */
  kinds: string[];
  /** The memory of its process; ten seconds old at most */
  memoryBytes: number | null;
  /** Jobs that run on it */
  runningCount: number;
  /** Those that began first, 100 at most */
  running: WorkerJob[];
  /** Handlers that have not obeyed their stop */
  abandoned: AbandonedHandler[];
  drain: DrainRequest | null;
  links: WorkerLinks;
}

/** What each operation takes and answers, by method and path. */
export interface Operations {
  'GET /': { id: 'about'; answer: Entrance };
  'GET /alerts': {
    id: 'listAlerts';
    query?: {
      /** How many items a page has at most */
      limit?: number;
      /** `nextCursor` of the page before */
      cursor?: string;
      /** Of this rule */
      rule?: string;
      /** Left out, `open` */
      state?: AlertState;
    };
    answer: AlertPage;
  };
  'GET /audit': {
    id: 'listAudit';
    query?: {
      /** How many items a page has at most */
      limit?: number;
      /** `nextCursor` of the page before */
      cursor?: string;
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
      /** Before then */
      to?: string;
      /** Since then */
      from?: string;
      /** The path that it was done to */
      target?: string;
      /** The operation */
      action?: string;
      /** Done by it */
      subject?: string;
    };
    answer: AuditPage;
  };
  'GET /dead-letters': {
    id: 'listDeadLetters';
    query?: {
      /** How many items a page has at most */
      limit?: number;
      /** `nextCursor` of the page before */
      cursor?: string;
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
      /** `true` shows also what was discarded */
      discarded?: 'true' | 'false';
      /** `true` shows also what was put back */
      redriven?: 'true' | 'false';
      /** Stored before this time */
      to?: string;
      /** Stored at this time or later */
      from?: string;
      /** Of this cause: see `GET /dead-letters/groups` */
      group?: string;
      /** Jobs, or messages */
      source?: 'job' | 'message';
      /** Of this queue */
      queue?: string;
      /** Of this kind */
      kind?: string;
      /** Given up for this reason */
      reason?: string;
    };
    answer: DeadLetterPage;
  };
  'POST /dead-letters/discard': { id: 'discardDeadLetters'; body: DiscardLetters; answer: DiscardedLetters | MatchingLetters | JobView };
  'GET /dead-letters/groups': {
    id: 'listLetterGroups';
    query?: {
      /** How many groups are answered at most */
      limit?: number;
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
      /** How many hours back the counts of each hour go */
      hours?: number;
      /** `most` letters first, which is the default, or the `newest` first */
      sort?: 'most' | 'newest';
      /** Those that somebody has acknowledged, or the others; all where it is left out */
      state?: 'open' | 'acknowledged';
      /** Jobs, or messages */
      source?: 'job' | 'message';
      /** Of this queue */
      queue?: string;
      /** Of this kind */
      kind?: string;
      /** Given up for this reason */
      reason?: string;
    };
    answer: LetterGroupList;
  };
  'POST /dead-letters/groups/{group}/acknowledge': { id: 'acknowledgeLetterGroup'; path: { group: string }; body?: LetterNote; answer: LetterGroup };
  'POST /dead-letters/groups/{group}/reopen': { id: 'reopenLetterGroup'; path: { group: string }; answer: LetterGroup };
  'POST /dead-letters/redrive': { id: 'redriveDeadLetters'; body: RedriveLetters; answer: RedrivenLetters | MatchingLetters | JobView };
  'GET /dead-letters/{id}': { id: 'getDeadLetter'; path: { id: string }; answer: DeadLetterDetail };
  'GET /dead-letters/{id}/body': { id: 'getDeadLetterBody'; path: { id: string }; answer: undefined };
  'POST /dead-letters/{id}/discard': { id: 'discardDeadLetter'; path: { id: string }; body?: LetterNote; answer: DeadLetterView };
  'POST /dead-letters/{id}/redrive': { id: 'redriveDeadLetter'; path: { id: string }; body?: RedriveEdits; answer: RedrivenLetter };
  'GET /doctor': { id: 'doctor'; answer: DoctorView };
  'GET /erasures': {
    id: 'listErasures';
    query?: {
      /** How many items a page has at most */
      limit?: number;
      /** `nextCursor` of the page before */
      cursor?: string;
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
      /** Of the jobs with this tag */
      tag?: string;
    };
    answer: ErasurePage;
  };
  'POST /erasures': {
    id: 'createErasure';
    query?: {
      /** Whose jobs, for keys for all tenants; `default` where it is left out. Equal tags of two tenants are two subjects */
      tenant?: string;
    };
    body: CreateErasure;
    answer: ErasureEstimate | ErasureView;
  };
  'GET /erasures/{id}': { id: 'getErasure'; path: { id: string }; answer: ErasureView };
  'POST /events/tickets': { id: 'createStreamTicket'; body: NewStreamTicket; answer: StreamTicket };
  'POST /files': {
    id: 'uploadFile';
    query?: {
      /** What to call it; default is the name in the form, or "upload" */
      name?: string;
    };
    answer: FileView;
  };
  'GET /files/{id}': { id: 'getFile'; path: { id: string }; answer: FileView };
  'DELETE /files/{id}': { id: 'deleteFile'; path: { id: string }; answer: undefined };
  'GET /files/{id}/content': {
    id: 'downloadFile';
    path: { id: string };
    query?: {
      /** Whether a browser saves it or shows it */
      disposition?: 'attachment' | 'inline';
    };
    answer: undefined;
  };
  'GET /health/live': { id: 'live'; answer: LiveView };
  'GET /health/ready': { id: 'ready'; answer: ReadyView };
  'GET /jobs': {
    id: 'listJobs';
    query?: {
      /** How many items a page has at most */
      limit?: number;
      /** `nextCursor` or `previousCursor` of another page */
      cursor?: string;
      /** `true`: the answer says how many jobs fit, exactly up to 10,000 where the bound of a look allows it */
      count?: 'true' | 'false';
      /** By the time of creation */
      order?: 'newest' | 'oldest';
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
      /** Jobs of one of these states */
      state?: JobState[];
      /** Jobs of one of these kinds */
      kind?: string[];
      /** Jobs of this queue */
      queue?: string;
      /** Jobs that have all of these tags */
      tag?: string[];
      /** Jobs that this schedule has made */
      schedule?: string;
      /** This one job, if it fits the other conditions */
      id?: string;
      /** The job of this key, while keys are kept (`IDEMPOTENCY_SECONDS`) */
      idempotencyKey?: string;
      /** In the code, the name or the message of the last error, in whatever case; of failed jobs, without `state` */
      error?: string;
      /** Held by the payload; with one `kind` */
      payload?: string;
      /** Created at this time or later; a date is the beginning of that day by UTC */
      createdFrom?: string;
      /** Created before this time */
      createdTo?: string;
      /** Ended at this time or later */
      finishedFrom?: string;
      /** Ended before this time */
      finishedTo?: string;
    };
    answer: JobPage;
  };
  'POST /jobs': { id: 'submitJob'; body: SubmitJob; answer: JobView };
  'POST /jobs/batch': { id: 'submitBatch'; body: SubmitBatch; answer: BatchView };
  'POST /jobs/cancel': { id: 'cancelJobs'; body: CancelJobs; answer: MatchingJobs | JobView };
  'POST /jobs/discard': { id: 'discardJobs'; body: DiscardJobs; answer: MatchingJobs | JobView };
  'POST /jobs/dry-run': { id: 'dryRunJob'; body: SubmitJob; answer: DryRun };
  'GET /jobs/events': {
    id: 'streamEvents';
    query?: {
      /** For clients that cannot send the header */
      lastEventId?: string;
      /** Of jobs that have this tag */
      tag?: string;
      /** Of jobs of this kind */
      kind?: string;
    };
    answer: undefined;
  };
  'POST /jobs/move': { id: 'moveJobs'; body: MoveJobs; answer: MatchingJobs | JobView };
  'POST /jobs/redrive': { id: 'redriveJobs'; body: RedriveJobs; answer: MatchingJobs | JobView };
  'POST /jobs/reprioritise': { id: 'reprioritiseJobs'; body: ReprioritiseJobs; answer: MatchingJobs | JobView };
  'GET /jobs/{id}': { id: 'getJob'; path: { id: string }; answer: JobDetail };
  'POST /jobs/{id}/cancel': { id: 'cancelJob'; path: { id: string }; body?: CancelRequest; answer: JobView };
  'GET /jobs/{id}/events': {
    id: 'streamJobEvents';
    path: { id: string };
    query?: {
      /** For clients that cannot send the header */
      lastEventId?: string;
      /** `why`: while the job waits, events `why` without an id say why, as `GET /jobs/{id}/why` does, now and when that has changed, and `unavailable` while PostgreSQL does not answer. It needs the scope `jobs:read` */
      with?: 'why';
    };
    answer: undefined;
  };
  'POST /jobs/{id}/links': { id: 'createStatusLink'; path: { id: string }; body?: NewStatusLink; answer: StatusLink };
  'POST /jobs/{id}/redrive': { id: 'redriveJob'; path: { id: string }; body?: RedriveJob; answer: JobView };
  'POST /jobs/{id}/start': { id: 'startJob'; path: { id: string }; answer: JobView };
  'GET /jobs/{id}/steps': { id: 'listSteps'; path: { id: string }; answer: StepList };
  'GET /jobs/{id}/why': { id: 'whyJob'; path: { id: string }; answer: WhyView };
  'GET /keys': {
    id: 'listKeys';
    query?: {
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
    };
    answer: KeyList;
  };
  'POST /keys': { id: 'createKey'; body: NewKey; answer: MadeKey };
  'DELETE /keys/{id}': { id: 'revokeKey'; path: { id: string }; answer: KeyView };
  'POST /keys/{id}/rotate': { id: 'rotateKey'; path: { id: string }; body?: KeyRotation; answer: MadeKey };
  'GET /kinds': { id: 'listKinds'; answer: KindList };
  'POST /kinds/{kind}/pause': { id: 'pauseKind'; path: { kind: string }; body?: PauseNote; answer: KindPause };
  'DELETE /kinds/{kind}/pause': { id: 'deleteKindPause'; path: { kind: string }; answer: KindPause };
  'POST /kinds/{kind}/resume': { id: 'resumeKind'; path: { kind: string }; answer: KindPause };
  'GET /limits': { id: 'listLimits'; answer: LimitList };
  'GET /limits/{name}': { id: 'getLimit'; path: { name: string }; answer: LimitDetail };
  'PUT /limits/{name}': { id: 'putLimit'; path: { name: string }; body: LimitSettings; answer: LimitDetail };
  'DELETE /limits/{name}': { id: 'deleteLimit'; path: { name: string }; answer: Rekeying };
  'POST /limits/{name}/dry-run': { id: 'dryRunLimit'; path: { name: string }; body: LimitSettings; answer: LimitDryRun };
  'POST /limits/{name}/override': { id: 'overrideLimit'; path: { name: string }; body: LimitOverride; answer: LimitDetail };
  'DELETE /limits/{name}/override': { id: 'endLimitOverride'; path: { name: string }; answer: LimitDetail };
  'GET /metrics': { id: 'metrics'; answer: undefined };
  'GET /queues': { id: 'listQueues'; answer: QueueList };
  'GET /queues/{name}': { id: 'getQueue'; path: { name: string }; answer: QueueView };
  'PUT /queues/{name}': { id: 'declareQueue'; path: { name: string }; answer: DeclaredQueue };
  'PATCH /queues/{name}': { id: 'changeQueue'; path: { name: string }; body: QueueChange; answer: QueueSettings };
  'DELETE /queues/{name}': { id: 'deleteQueue'; path: { name: string }; answer: undefined };
  'POST /queues/{name}/pause': { id: 'pauseQueue'; path: { name: string }; body?: PauseNote; answer: QueuePause };
  'POST /queues/{name}/resume': { id: 'resumeQueue'; path: { name: string }; answer: QueuePause };
  'GET /quotas': { id: 'getQuotas'; answer: TenantQuotas };
  'GET /retention': {
    id: 'listRetention';
    query?: {
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
    };
    answer: RetentionList;
  };
  'PUT /retention/{kinds}': {
    id: 'putRetention';
    path: { kinds: string };
    query?: {
      /** Whose rule, for keys for all tenants; where it is left out the one for all tenants */
      tenant?: string;
    };
    body: RetentionTimes;
    answer: RetentionRuleView;
  };
  'DELETE /retention/{kinds}': {
    id: 'deleteRetention';
    path: { kinds: string };
    query?: {
      /** Whose rule, for keys for all tenants; where it is left out the one for all tenants */
      tenant?: string;
    };
    answer: undefined;
  };
  'GET /schedules': {
    id: 'listSchedules';
    query?: {
      /** How many items a page has at most */
      limit?: number;
      /** `nextCursor` of the page before */
      cursor?: string;
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
      /** Only paused ones, or only those that are not */
      paused?: 'true' | 'false';
      /** Schedules of this kind */
      kind?: string;
    };
    answer: SchedulePage;
  };
  'POST /schedules/preview': { id: 'previewSchedule'; body: SchedulePreviewRequest; answer: SchedulePreview };
  'GET /schedules/{id}': {
    id: 'getSchedule';
    path: { id: string };
    query?: {
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
    };
    answer: ScheduleDetail;
  };
  'PUT /schedules/{id}': { id: 'putSchedule'; path: { id: string }; body: ScheduleSettings; answer: ScheduleDetail };
  'DELETE /schedules/{id}': { id: 'deleteSchedule'; path: { id: string }; answer: undefined };
  'POST /schedules/{id}/backfill': { id: 'backfillSchedule'; path: { id: string }; body: ScheduleBackfill; answer: ScheduleBackfilled };
  'POST /schedules/{id}/dry-run': { id: 'dryRunSchedule'; path: { id: string }; body: ScheduleSettings; answer: ScheduleDryRun };
  'POST /schedules/{id}/pause': { id: 'pauseSchedule'; path: { id: string }; body?: PauseNote; answer: ScheduleDetail };
  'POST /schedules/{id}/resume': { id: 'resumeSchedule'; path: { id: string }; answer: ScheduleDetail };
  'POST /schedules/{id}/trigger': { id: 'triggerSchedule'; path: { id: string }; answer: ScheduleTriggered };
  'GET /session': { id: 'getSession'; answer: SessionView };
  'POST /session': { id: 'openSession'; body: SessionRequest; answer: SessionView };
  'DELETE /session': { id: 'closeSession'; answer: undefined };
  'GET /sessions': {
    id: 'listSessions';
    query?: {
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
    };
    answer: OpenSessionList;
  };
  'DELETE /sessions/{id}': { id: 'revokeSession'; path: { id: string }; answer: undefined };
  'GET /stats': { id: 'stats'; answer: StatsView };
  'GET /stats/history': {
    id: 'statsHistory';
    query?: {
      /** Only of this kind */
      kind?: string;
      /** Only of this queue */
      queue?: string;
      /** Left out, the shortest that makes 1500 points at most */
      step?: '10s' | '1m' | '5m' | '15m' | '1h';
      /** Left out, now */
      to?: string;
      /** A time or a date; left out, 15 minutes before `to` */
      from?: string;
    };
    answer: StatsHistory;
  };
  'GET /stats/stream': {
    id: 'streamStats';
    query?: {
      /** The limit of this name with its busiest keys, as events `limit`. It needs the scope `limits:read` */
      limit?: string;
      /** Of workers, kinds, limits, alerts, with commas between: events of these names tell what the lists of the API answer, when it has changed; looked at when something changes, and each two seconds, once for all who want it. `limits` needs the scope `limits:read` */
      with?: string;
    };
    answer: undefined;
  };
  'GET /streams/audit': {
    id: 'streamAudit';
    query?: {
      /** How many items a page has at most */
      limit?: number;
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
      /** Before then */
      to?: string;
      /** Since then */
      from?: string;
      /** The path that it was done to */
      target?: string;
      /** The operation */
      action?: string;
      /** Done by it */
      subject?: string;
    };
    answer: undefined;
  };
  'GET /streams/dead-letters': {
    id: 'streamDeadLetters';
    query?: {
      /** How many groups are told at most */
      limit?: number;
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
      /** Letters of this cause */
      group?: string;
      /** `true`: also the newest 50 letters, whatever became of them */
      letters?: 'true' | 'false';
      /** How many hours back the counts of each hour go */
      hours?: number;
      /** `most` letters first, which is the default, or the `newest` first */
      sort?: 'most' | 'newest';
      /** Those that somebody has acknowledged, or the others; all where it is left out */
      state?: 'open' | 'acknowledged';
      /** Jobs, or messages */
      source?: 'job' | 'message';
      /** Of this queue */
      queue?: string;
      /** Of this kind */
      kind?: string;
      /** Given up for this reason */
      reason?: string;
    };
    answer: undefined;
  };
  'GET /streams/keys': {
    id: 'streamKeys';
    query?: {
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
    };
    answer: undefined;
  };
  'GET /streams/schedules': {
    id: 'streamSchedules';
    query?: {
      /** How many items a page has at most */
      limit?: number;
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
      /** Only paused ones, or only those that are not */
      paused?: 'true' | 'false';
      /** Schedules of this kind */
      kind?: string;
      /** This schedule alone, and none where there is none */
      id?: string;
    };
    answer: undefined;
  };
  'GET /tenants': {
    id: 'listTenants';
    query?: {
      /** How many items a page has at most */
      limit?: number;
      /** `nextCursor` of the page before */
      cursor?: string;
    };
    answer: TenantPage;
  };
  'GET /tenants/{tenant}/quotas': { id: 'getTenantQuotas'; path: { tenant: string }; answer: TenantQuotas };
  'PUT /tenants/{tenant}/quotas': { id: 'putTenantQuotas'; path: { tenant: string }; body: QuotaSettings; answer: TenantQuotas };
  'DELETE /tenants/{tenant}/quotas': { id: 'resetTenantQuotas'; path: { tenant: string }; answer: TenantQuotas };
  'GET /webhooks/deliveries': {
    id: 'listWebhookDeliveries';
    query?: {
      /** How many items a page has at most */
      limit?: number;
      /** `nextCursor` of the page before */
      cursor?: string;
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
      /** Made before this time */
      until?: string;
      /** Made at or after this time: a date, or RFC 3339 */
      since?: string;
      /** Of this job */
      job?: string;
      /** To this receiver */
      endpoint?: string;
      state?: DeliveryState;
    };
    answer: DeliveryPage;
  };
  'POST /webhooks/deliveries/replay': { id: 'replayWebhookDeliveries'; body?: ReplayFilter; answer: Replayed };
  'GET /webhooks/deliveries/{id}': { id: 'getWebhookDelivery'; path: { id: string }; answer: DeliveryDetail };
  'POST /webhooks/deliveries/{id}/replay': { id: 'replayWebhookDelivery'; path: { id: string }; answer: DeliveryView };
  'GET /webhooks/endpoints': {
    id: 'listWebhookEndpoints';
    query?: {
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
    };
    answer: EndpointList;
  };
  'POST /webhooks/endpoints': { id: 'createWebhookEndpoint'; body: NewEndpoint; answer: EndpointWithSecret };
  'GET /webhooks/endpoints/{id}': { id: 'getWebhookEndpoint'; path: { id: string }; answer: EndpointView };
  'PATCH /webhooks/endpoints/{id}': { id: 'updateWebhookEndpoint'; path: { id: string }; body: EndpointChanges; answer: EndpointView };
  'DELETE /webhooks/endpoints/{id}': { id: 'deleteWebhookEndpoint'; path: { id: string }; answer: undefined };
  'POST /webhooks/endpoints/{id}/rotate-secret': { id: 'rotateWebhookSecret'; path: { id: string }; body?: RotateSecret; answer: EndpointWithSecret };
  'POST /webhooks/endpoints/{id}/test': { id: 'testWebhookEndpoint'; path: { id: string }; answer: WebhookTest };
  'GET /webhooks/stream': {
    id: 'streamWebhooks';
    query?: {
      /** How many items a page has at most */
      limit?: number;
      /** What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another */
      tenant?: string;
      /** Deliveries to this receiver */
      endpoint?: string;
      state?: DeliveryState;
    };
    answer: undefined;
  };
  'GET /workers': { id: 'listWorkers'; answer: WorkerList };
  'POST /workers/{id}/drain': { id: 'drainWorker'; path: { id: string }; body?: PauseNote; answer: WorkerView };
  'PUT /workers/{id}/queues': { id: 'assignQueues'; path: { id: string }; body: AssignQueues; answer: WorkerQueues };
}
