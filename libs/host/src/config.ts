import { type DataBox, DEFAULT_SCHEMA, isSchemaName, KIND_PATTERN, MAX_CRASHES, QUEUE_PATTERN, type QuotaDefaults, RESULT_MAX_BYTES } from '@app/core';
import { readConnectionUrl } from '@app/postgres';
import type { BrokerTls } from '@app/rabbitmq';
import { DEFAULT_REPLY_QUEUES, type MayReply, replyQueues } from './door/reply-queues.js';
import { ConfigError, type Environment } from './environment.js';
import { Redaction } from './logs/redaction.js';
import { quotaDefaults } from './quotas.config.js';
import { jobData } from './secrets/job-data.config.js';
import { type SecretKeys, secretKeys } from './secrets/secret-keys.js';
import { type StatusLinks, statusLinks } from './secrets/status-links.js';
import { amqpTls } from './tls/amqp-tls.config.js';
import { type WebConfig, webConfig } from './web/web.config.js';

/** The configuration that gateway and worker share. Times have the unit that is in their name. */
export interface RuntimeConfig {
  databaseUrl: string;
  /** The schema of Longhaul's tables. */
  schema: string;
  amqpUrl: string;
  /** What the next connection to RabbitMQ speaks TLS with; undefined without TLS. */
  amqpTls: (() => BrokerTls) | undefined;
  /** `none`: single-process mode, the gateway runs the jobs itself. */
  broker: 'rabbitmq' | 'none';
  host: string;
  web: WebConfig;
  /** The number of connections for handlers and files. The protocol has its own connections. */
  poolSize: number;
  /** The number of connections for lists, figures and stored events. They are made when they are needed. */
  readPool: number;
  readTimeoutMs: number;
  concurrency: number;
  /** The queues whose jobs run here; empty for all. */
  queues: string[];
  leaseSeconds: number;
  handoverSeconds: number;
  drainSeconds: number;
  keySeconds: number;
  /** A job that has lost so many workers is ended. */
  maxCrashes: number;
  maxQueues: number;
  /** Of tenants that have none of their own. */
  quotas: QuotaDefaults;
  /** The keys that encrypt stored secrets. */
  secretKeys: SecretKeys;
  /** Encrypts payloads and results, of the kinds that are switched on. */
  jobData: DataBox;
  statusLinks: StatusLinks;
  /** The limit of the JSON of a result of a handler or a step. */
  resultMaxBytes: number;
  /** The limit of the members of all objects together: of a JSON body, of an AMQP submission, and of each job of a batch. */
  maxJsonMembers: number;
  /** The rules for the `reply_to` of a message that submits a job, also where it is put back out of the dead letters. */
  mayReply: MayReply;
  /** Of which kinds outcomes are published to `longhaul.events`. */
  outcomeEvents: (kind: string) => boolean;
  debugKinds: boolean;
  logLevel: string;
  /** What is left out of the logs. One for the process: it knows the values of the jobs that run. */
  redaction: Redaction;
}

export const DEFAULT_DATABASE_URL = 'postgres://postgres@127.0.0.1:5432/longhaul';
export const DEFAULT_AMQP_URL = 'amqp://guest:guest@127.0.0.1:5672';

export function runtimeConfig(env: Environment): RuntimeConfig {
  const host = env.text('HOST', '127.0.0.1');
  const amqpUrl = env.url('AMQP_URL', ['amqp', 'amqps'], DEFAULT_AMQP_URL);
  const broker = env.oneOf('LONGHAUL_BROKER', ['rabbitmq', 'none'], 'rabbitmq');
  const concurrency = env.integer('WORKER_CONCURRENCY', 1, 10_000, 10);
  return {
    databaseUrl: databaseUrl(env),
    schema: schemaName(env),
    amqpUrl,
    amqpTls: broker === 'none' ? undefined : amqpTls(env, amqpUrl),
    broker,
    host,
    web: webConfig(env, host),
    poolSize: env.integer('DATABASE_POOL', 1, 10_000, concurrency + 2),
    readPool: env.integer('READ_POOL', 1, 1_000, 4),
    readTimeoutMs: env.integer('READ_TIMEOUT_MS', 1, 600_000, 5_000),
    concurrency,
    queues: env.list('WORKER_QUEUES', QUEUE_PATTERN),
    leaseSeconds: env.integer('LEASE_SECONDS', 2, 86_400, 30),
    handoverSeconds: env.integer('HANDOVER_SECONDS', 1, 1_500, 300),
    drainSeconds: env.integer('DRAIN_SECONDS', 0, 86_400, 30),
    maxCrashes: env.integer('MAX_CRASHES', 1, 1_000, MAX_CRASHES),
    keySeconds: env.integer('IDEMPOTENCY_SECONDS', 1, 365 * 86_400, 86_400),
    maxQueues: env.integer('MAX_QUEUES', 1, 10_000, 100),
    quotas: quotaDefaults(env, env.integer('MAX_SCHEDULES', 1, 100_000, 10_000), env.integer('MAX_WEBHOOK_ENDPOINTS', 1, 1_000, 50)),
    secretKeys: secretKeys(env),
    jobData: jobData(env),
    statusLinks: statusLinks(env),
    resultMaxBytes: env.integer('RESULT_MAX_BYTES', 1_024, 64 * 1024 * 1024, RESULT_MAX_BYTES),
    maxJsonMembers: env.integer('MAX_JSON_MEMBERS', 100, 1_000_000, 10_000),
    mayReply: replyQueues(env.given('REPLY_QUEUES') ?? DEFAULT_REPLY_QUEUES),
    outcomeEvents: outcomeEvents(env),
    debugKinds: env.flag('LONGHAUL_DEBUG_KINDS'),
    logLevel: env.logLevel(),
    redaction: Redaction.of(env),
  };
}

/** Reads and checks the URL, so that a fault in it is reported like other wrong settings and before anything is opened. */
function databaseUrl(env: Environment): string {
  const url = env.text('DATABASE_URL', DEFAULT_DATABASE_URL);
  readConnectionUrl(url);
  return url;
}

function outcomeEvents(env: Environment): (kind: string) => boolean {
  const text = env.text('OUTCOME_EVENTS', 'all');
  if (text === 'all') return () => true;
  if (text === 'off') return () => false;
  const [, list = ''] = /^kinds:(.*)$/.exec(text) ?? [];
  const kinds = list.split(',').map((kind) => kind.trim());
  if (!kinds.every((kind) => KIND_PATTERN.test(kind))) throw new ConfigError('OUTCOME_EVENTS', 'all, off, or kinds: and a comma list of kinds', text);
  return (kind) => kinds.includes(kind);
}

function schemaName(env: Environment): string {
  const name = env.text('LONGHAUL_SCHEMA', DEFAULT_SCHEMA);
  if (isSchemaName(name)) return name;
  throw new ConfigError(
    'LONGHAUL_SCHEMA',
    'the name of a schema: at most 41 lower-case letters, digits and _, no digit first, not beginning with pg_, not information_schema',
    name,
  );
}
