import { RIGHTS_VARIABLES } from './rights/rights-variables.js';

/** Variables of the environment that share one line of docs/reference/configuration.md. */
export interface Variables {
  names: readonly string[];
  /** The purpose of the variables, as Markdown, without defaults and bounds, which come from the code. */
  text: string;
  /** The default in words, when it is computed or no `Environment` reads it. */
  default?: string;
}

/** Variables of parts that this library does not know, such as a channel's. */
export interface MoreVariables {
  /** The topic at whose end they are described. */
  topic: string;
  variables: readonly Variables[];
  /** A variable whose name begins with one of these and `_` is taken for one of theirs. */
  prefixes: readonly string[];
}

/** The variables that gateway and worker read, by topic, without {@link MoreVariables}. `npm run reference` writes the page from both. */
export const VARIABLES: Readonly<Record<string, readonly Variables[]>> = {
  Services: [
    { names: ['DATABASE_URL'], text: 'PostgreSQL: [schema, rights, poolers, TLS](../operate/postgres.md)' },
    { names: ['AMQP_URL'], text: 'RabbitMQ: [accounts, rights, topology](../operate/rabbitmq.md)' },
    {
      names: ['AMQP_CA_FILE'],
      default: 'those that Node knows',
      text: 'PEM file of the authorities whose certificates RabbitMQ may have, with `amqps://`. This one and the next are [read for each connection](../operate/tls.md#rabbitmq)',
    },
    { names: ['AMQP_CERT_FILE', 'AMQP_KEY_FILE'], default: 'none', text: 'PEM files of a certificate that RabbitMQ is shown, with its chain, and of its key' },
    {
      names: ['AMQP_AUTH_MECHANISM'],
      text: '`EXTERNAL`: the certificate says which account it is, in place of user and password of `AMQP_URL`',
    },
    { names: ['LONGHAUL_BROKER'], text: '`none`: single process, the gateway runs the jobs out of PostgreSQL' },
    {
      names: ['LONGHAUL_SCHEMA'],
      text: "The schema of Longhaul's tables, one for each installation in a database. Each also needs a virtual host of its own. [PostgreSQL](../operate/postgres.md#the-schema)",
    },
    {
      names: ['DATABASE_POOL'],
      default: '`WORKER_CONCURRENCY` + 2',
      text: 'Connections for handlers. The protocol has ten of its own',
    },
    {
      names: ['READ_POOL', 'READ_TIMEOUT_MS'],
      text: 'Connections for lists, figures and events that are read again, and how long one read may take: then 503 with `Retry-After`',
    },
  ],
  Processes: [
    { names: ['HOST', 'PORT'], text: 'Where the gateway listens. Other than loopback only with `AUTH=on`, or `LONGHAUL_INSECURE=1`' },
    {
      names: ['TLS_CERT_FILE', 'TLS_KEY_FILE'],
      text: 'PEM files of a certificate with its chain, and of its key: the ports of gateway and worker [speak TLS](../operate/tls.md) alone, and new files are read when they change',
    },
    ...RIGHTS_VARIABLES,
    { names: ['LONGHAUL_INSECURE'], default: 'off', text: '`1`: `HOST` may be any address while `AUTH` is off, because something else keeps strangers away' },
    { names: ['WORKER_PORT'], text: 'Health and metrics of the worker' },
    {
      names: ['WEB_CONCURRENCY'],
      default: '`1`',
      text: 'Processes of a gateway, or of a worker, behind its one port, at most 256. What is said below is for each of them',
    },
    {
      names: ['PUBLIC_URL'],
      text: 'The gateway as callers see it: its name is an allowed host, its path begins `Location` and all links, webhooks and e-mails link to it',
    },
    {
      names: ['ALLOWED_HOSTS'],
      text: 'Names by which gateway and worker may be called, beside `localhost`, addresses and the name of `PUBLIC_URL`: [hosts and origins](../operate/hosts-and-origins.md)',
    },
    {
      names: ['TRUST_PROXY'],
      default: 'none',
      text: 'Your proxies, by their addresses and networks (`10.1.0.0/16`): over them `X-Forwarded-For` says who a caller is, to [limits](../operate/limits.md#one-client) and to the audit',
    },
    { names: ['CORS_ORIGINS'], text: 'Origins whose pages may call the API, such as `https://app.example.org`. Pages of all others are kept out' },
    {
      names: ['NODE_ENV'],
      text: '`development` (`npm start` sets it): pages of this machine may call a gateway that is bound to loopback, unless `CORS_ORIGINS` is set',
    },
    { names: ['LOG_LEVEL'], text: 'Of the JSON lines on standard output' },
    {
      names: ['LOG_REDACT'],
      default: 'none',
      text: 'Fields that are [left out of the logs](../operate/logs.md): `payload.card.number,payload.*.iban,result.token,headers.x-user,tags`',
    },
    {
      names: ['LONGHAUL_CONFIG'],
      default: '`dist/longhaul.config.js` below the working directory',
      text: 'The compiled `longhaul.config.ts`, with [your jobs](../learn/own-jobs.md)',
    },
    { names: ['LONGHAUL_DEBUG_KINDS'], text: '`1` registers the kinds `debug.*` (`npm start` does). A package from npm has none' },
    { names: ['LONGHAUL_ENV_FILE'], default: '`.env`', text: 'The environment file. Empty: none is read' },
  ],
  Work: [
    {
      names: ['WORKER_CONCURRENCY'],
      text: 'Slots of a worker for each queue (single process: in all): so many jobs run at once, fewer of kinds that take several slots, and child processes of isolated kinds at most',
    },
    { names: ['WORKER_QUEUES'], text: 'The queues that a worker takes jobs of. Empty: all. `PUT /workers/{id}/queues` assigns others to a process that runs' },
    { names: ['LEASE_SECONDS'], text: "After this long a frozen worker's jobs go to others" },
    { names: ['HANDOVER_SECONDS'], text: "After this long a running job's delivery is acknowledged" },
    { names: ['DRAIN_SECONDS'], text: 'How long running jobs may go on after SIGTERM' },
    {
      names: ['MAX_CRASHES'],
      text: 'The loss of so many workers while they ran a job ends it as failed (`worker_lost`). A lost worker costs no attempt',
    },
    {
      names: ['OUTCOME_EVENTS'],
      text: 'Of which kinds outcomes are published to the exchange `longhaul.events`: `all`, `off`, or `kinds:` and a comma list. Replies, webhooks and streams do not depend on it. The same in all processes',
    },
    {
      names: ['ENCRYPT_PAYLOADS'],
      text: 'Of which kinds payloads and results are [encrypted](../operate/encryption.md) in the database: `all`, `off`, or `kinds:` and a comma list. It needs `LONGHAUL_SECRET_KEYS`. The same in all processes',
    },
    { names: ['RESULT_MAX_BYTES'], text: 'Of what a handler or a step returns, as JSON. What is larger goes into a [file](../learn/files.md)' },
  ],
  'Limits of a gateway': [
    { names: ['MAX_BODY_BYTES'], text: 'Of a JSON body and of an AMQP submission' },
    {
      names: ['MAX_JSON_MEMBERS'],
      text: 'Members of all objects of a JSON body or AMQP submission together, and objects and arrays within arrays. In a batch, of each job',
    },
    {
      names: ['ADMISSION_DEPTH', 'ADMISSION_QUEUE_DEPTH'],
      text: 'Unfinished jobs, in all (503) and in one queue (429), from which on submissions are refused. `0` is off, here and below',
    },
    {
      names: ['ADMISSION_OUTBOX_ROWS', 'ADMISSION_OUTBOX_SECONDS'],
      text: 'Messages that wait for RabbitMQ, and the age of the oldest. Not where there is no broker',
    },
    { names: ['ADMISSION_IN_FLIGHT', 'ADMISSION_BODY_BYTES'], text: 'Jobs on their way to PostgreSQL, and request bodies in memory, in one gateway' },
    {
      names: ['ADMISSION_POOL_WAITING', 'ADMISSION_EVENT_LOOP_MS'],
      text: 'Statements that wait for a connection, and mean delay of the event loop, in one gateway',
    },
    { names: ['ADMISSION_WAIT_MS'], text: 'How long a submission may wait for PostgreSQL before it is refused' },
    { names: ['BODY_SECONDS'], text: "How long a request's body may take to arrive" },
    {
      names: ['MAX_WAITS', 'MAX_WAITS_PER_CLIENT'],
      text: 'Requests that wait (`Prefer: wait`) in a process, and of one client: [limits](../operate/limits.md)',
    },
    {
      names: ['REQUESTS_PER_SECOND', 'REQUESTS_BURST'],
      default: '`0`, twice `REQUESTS_PER_SECOND`',
      text: 'With `AUTH=on`: requests a second of one key, or of one subject of tokens, and how many may come at once after a pause, in each process: [limits](../operate/limits.md#requests-of-one-key)',
    },
    {
      names: ['MAX_FAILED_SIGN_INS_PER_CLIENT'],
      text: 'With `AUTH=on`: different credentials of one client in a minute that turn out not to be valid',
    },
    {
      names: ['TENANT_UNFINISHED_JOBS', 'TENANT_SUBMISSIONS_PER_SECOND', 'TENANT_SUBMISSIONS_BURST', 'TENANT_FILE_BYTES', 'TENANT_EMAILS_PER_HOUR'],
      default: '`0`; the burst is twice `TENANT_SUBMISSIONS_PER_SECOND`',
      text: 'What each tenant may have that has no quota of its own, 0 for any number: [quotas](../operate/tenants.md#quotas). Workers read those of files and e-mails',
    },
    {
      names: ['TENANT_WAITS', 'TENANT_STREAMS', 'TENANT_UPLOADS'],
      text: 'Requests that wait, streams of events and uploads at once of such a tenant, in all processes together; 0 for any number',
    },
    { names: ['MAX_BODY_BYTES_PER_CLIENT'], text: 'Bytes of request bodies of one client in memory' },
    { names: ['MAX_UPLOADS', 'MAX_UPLOADS_PER_CLIENT'], text: 'Uploads at once in a process, and of one client' },
    { names: ['MAX_CONNECTIONS_PER_CLIENT'], text: 'Connections of one client' },
    { names: ['MAX_STREAMS_PER_CLIENT'], text: 'Streams of events of one client' },
    { names: ['EVENT_STREAMS', 'EVENT_SUBSCRIPTIONS'], text: '[Streams of events](../learn/events.md) of a gateway, and subscriptions of one WebSocket' },
    {
      names: ['EVENT_HEARTBEAT_SECONDS', 'EVENT_STALL_SECONDS'],
      text: 'How long a stream is silent before a comment is sent, and how long a reader may take nothing before it is cut off',
    },
    { names: ['SOCKET_FRAMES_PER_SECOND'], text: 'Frames a second of one WebSocket' },
    {
      names: ['MAX_QUEUES', 'MAX_WEBHOOK_ENDPOINTS', 'MAX_SCHEDULES'],
      text: 'How many there may be; of endpoints and schedules, for each tenant that has no [quota](../operate/tenants.md#quotas) of its own',
    },
    { names: ['QUEUES'], text: 'Queues that submissions may name, besides those of kinds, of live workers and of `PUT /queues/{name}`' },
    {
      names: ['REPLY_QUEUES'],
      default: '`amq.gen-*`',
      text: "Where AMQP replies may go besides direct reply-to: a comma list of names with `*`, or of regular expressions; `{user}` is the producer's account (`user_id`). Empty: nowhere else. Workers read it for messages that are put back out of the dead letters",
    },
  ],
  'What is kept': [
    { names: ['IDEMPOTENCY_SECONDS'], text: 'How long idempotency keys are kept' },
    {
      names: ['RETENTION_HOURS', 'RETENTION_FAILED_HOURS'],
      text: 'How long succeeded jobs, and failed and cancelled jobs are kept where no [rule](../operate/retention.md) says otherwise. `0`: for ever',
    },
    { names: ['RETENTION_FILES_HOURS', 'RETENTION_LETTERS_HOURS'], text: 'How long files, and dead letters of messages are kept. `0`: for ever' },
    {
      names: ['RETENTION_STATS_HOURS'],
      text: 'How long [figures](../operate/stats.md) by the minute are kept. `0`: for ever. Those of ten seconds: 15 minutes',
    },
  ],
  Files: [
    { names: ['FILES_DIR'], default: '`.longhaul/files`', text: 'The folder of [files](../learn/files.md), which gateways and workers share' },
    { names: ['FILES_MAX_BYTES'], default: '5 GiB', text: 'Of one file' },
    {
      names: ['FILES_QUOTA_BYTES', 'FILES_MIN_FREE_BYTES'],
      default: '100 GiB, 128 MiB',
      text: 'All files together, and what stays free on the disk. An upload beyond is answered 507. `0` is off',
    },
    {
      names: ['FILES_S3_BUCKET', 'FILES_S3_REGION', 'FILES_S3_ENDPOINT'],
      default: '',
      text: "An S3-compatible store in place of the folder. Its keys come by the AWS SDK's variables",
    },
  ],
  'Who hears of outcomes': [
    { names: ['WEBHOOK_SECRET'], default: 'one in the database', text: '`whsec_…`, signs webhooks of callback URLs. Several may be given' },
    { names: ['WEBHOOK_SCHEDULE', 'WEBHOOK_TIMEOUT_SECONDS'], text: 'Waits before each retry of a [webhook](../learn/webhooks.md), and for an answer' },
    {
      names: ['WEBHOOK_ALLOW_HOSTS', 'WEBHOOK_ALLOW_PRIVATE'],
      default: '',
      text: 'Which addresses that are not public webhooks may go to: a list of `host`, `host:port`, `[IPv6]:port`, or `1` for all',
    },
    {
      names: ['ALERT_RULES', 'ALERT_AFTER_SECONDS'],
      default: 'those that `docs/operate/alerts.md` names, `30`',
      text: 'Of which rules of `GET /doctor` operators are [told](../operate/alerts.md), and after how long. Webhooks ask for it by `alert.opened`',
    },
    { names: ['WEBHOOK_REQUIRE_HTTPS'], text: '`1` refuses `http://`' },
    {
      names: ['STATUS_LINK_HOURS'],
      text: 'How long a link to a [status page](../operate/status-pages.md) works whose maker has not said it, and those in e-mails',
    },
    {
      names: ['LONGHAUL_SECRET_KEYS'],
      text: '`id:key,…`, each key 32 bytes in base64: seals the secrets of webhooks in the database, and [links to status pages](../operate/status-pages.md), and encrypts payloads and results (`ENCRYPT_PAYLOADS`). The first key seals, all open. [Change keys](../learn/webhooks.md#secrets-at-rest)',
    },
    {
      names: ['LONGHAUL_JOB_KEYS'],
      text: 'Not for you to set: processes of isolated kinds get it from their worker. Keys for the data of jobs alone, made of `LONGHAUL_SECRET_KEYS`',
    },
  ],
  'Jobs of this repository': [
    {
      names: ['FANOUT_ALLOW_HOSTS', 'FANOUT_ALLOW_PRIVATE'],
      default: '',
      text: 'Which addresses that are not public [fanout.enrich](../learn/fanout-enrich.md) may call: a list of `host`, `host:port`, `[IPv6]:port`, or `1` for all',
    },
  ],
};
