import {
  addressPolicy,
  guardedLookup,
  type Handles,
  type JobContext,
  JobHandler,
  type JsonValue,
  type RawJson,
  rawJson,
  portOf,
  LONGHAUL_DATA_SOURCE,
} from '@app/sdk';
import { Inject } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { DataSource } from 'typeorm';
import type { Agent } from 'undici';
import { findRow } from './fanout/row-lookup.js';
import { type CallReport, callService, type ServiceCall } from './fanout/service-call.js';
import { verdict } from './fanout/verdict.js';
import { TABLE_HINT, TABLE_PATTERN } from './imports/identifier.js';

export class EnrichService {
  /** Names the service in the result; part of its idempotency key. */
  @Matches(/^[a-z0-9][a-z0-9._-]{0,49}$/i) name!: string;
  /** `{key}` in it stands for the key, encoded. */
  @IsUrl({
    protocols: ['http', 'https'],
    require_protocol: true,
    require_tld: false,
    disallow_auth: true,
    allow_underscores: true,
    allow_trailing_dot: true,
  })
  @Matches(/^\P{C}*$/u, { message: 'url must be printable' })
  @MaxLength(2_000)
  url!: string;
  /** A POST carries `{"table", "key"}` as JSON. */
  @IsIn(['GET', 'POST']) method: 'GET' | 'POST' = 'POST';
  /** For one attempt. */
  @IsInt() @Min(1) @Max(120_000) timeoutMs: number = 5_000;
  /** Attempts after the first. */
  @IsInt() @Min(0) @Max(10) retries: number = 2;
  /** Whether the job fails without its answer. */
  @IsBoolean() required: boolean = false;
}

export class FanoutEnrichPayload {
  /** An imported table. */
  @Matches(TABLE_PATTERN, { message: TABLE_HINT }) table!: string;
  /** The column that `key` is sought in; the first one when left out. */
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200) keyColumn?: string;
  @IsString() @MinLength(1) @MaxLength(1_000) key!: string;
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  @ArrayUnique((service: EnrichService) => service.name, { message: 'services must have different names' })
  @ValidateNested({ each: true })
  @Type(() => EnrichService)
  services!: EnrichService[];
}

export interface ServiceAnswer {
  name: string;
  ok: boolean;
  status?: number;
  attempts: number;
  ms: number;
  /** The answer as it came when it is JSON, else its text. */
  data?: RawJson;
  error?: string;
}

export interface Enriched {
  key: string;
  /** The row as PostgreSQL writes it in JSON, each number with all of its digits. */
  row: RawJson;
  services: ServiceAnswer[];
}

/**
 * Looks up a row, then asks several services about it, all at once. A service that fails is reported and does not fail
 * the job, unless it is required or all of them failed. Each is called with `Idempotency-Key: <job's key>/<its name>`,
 * the same in every attempt; one that has answered is not called again when the job is tried again.
 */
@JobHandler({
  kind: 'fanout.enrich',
  description: 'Enriches a row of an imported table with the answers of up to ten HTTP services, called at once.',
  payload: FanoutEnrichPayload,
  maxAttempts: 5,
  timeout: '30m',
})
export class FanoutEnrich implements Handles<FanoutEnrichPayload, Enriched> {
  private readonly policy = addressPolicy(process.env, 'FANOUT');

  constructor(@Inject(LONGHAUL_DATA_SOURCE) private readonly dataSource: DataSource) {}

  async run(payload: FanoutEnrichPayload, job: JobContext): Promise<Enriched> {
    const { table, keyColumn, key, services } = payload;
    // Not with the module: a hundred files, for processes of which most never call a service.
    const undici = await import('undici');
    const dispatcher = new undici.Agent({
      maxHeaderSize: 64 * 1024,
      factory: (origin, options) =>
        new undici.Pool(origin, Object.assign({}, options, { connect: { lookup: guardedLookup(this.policy, undefined, portOf(new URL(origin))) } })),
    });
    let done = 0;
    const total = services.length + 1;
    const counted = async <Value>(work: Promise<Value>): Promise<Value> => {
      const value = await work;
      job.progress({ done: ++done, total });
      return value;
    };
    try {
      job.progress({ done, total });
      // Before anybody is called: what cannot be enriched must have no effect.
      const row = await counted(findRow(this.dataSource, table, keyColumn, key));
      job.signal.throwIfAborted();
      const all = await Promise.allSettled(services.map((service) => counted(this.ask(service, payload, dispatcher, job))));
      job.signal.throwIfAborted();
      const reports = all.map(unwrap);
      const failure = verdict(services.map(({ name, required }, index) => ({ name, required, report: reports[index] as CallReport })));
      if (failure) throw failure;
      return { key, row, services: services.map(({ name }, index) => answerOf(name, reports[index] as CallReport)) };
    } finally {
      await dispatcher.destroy();
    }
  }

  /** Remembers an answer over attempts, but no failure. */
  private async ask(service: EnrichService, payload: FanoutEnrichPayload, dispatcher: Agent, job: JobContext): Promise<CallReport> {
    let failed: CallReport | undefined;
    try {
      const answered = await job.step(`service/${service.name}`, async () => {
        const report = await callService(callOf(service, payload, job), { dispatcher, policy: this.policy }, job.signal);
        if (!report.ok) {
          failed = report;
          throw new Error(report.error);
        }
        return { ...report };
      });
      return answered;
    } catch (error) {
      if (failed) return failed;
      throw error;
    }
  }
}

function callOf({ name, url, method, timeoutMs, retries }: EnrichService, { table, key }: FanoutEnrichPayload, job: JobContext): ServiceCall {
  const headers = { accept: 'application/json', 'idempotency-key': `${job.idempotencyKey}/${name}`, 'user-agent': 'longhaul' };
  const target = new URL(url.replaceAll('{key}', encodeURIComponent(key)));
  if (method === 'GET') return { url: target, method, headers, timeoutMs, retries };
  return { url: target, method, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ table, key }), timeoutMs, retries };
}

function answerOf(name: string, { attempts, ms, ...outcome }: CallReport): ServiceAnswer {
  const status = outcome.status === undefined ? {} : { status: outcome.status };
  return outcome.ok
    ? { name, ok: true, ...status, attempts, ms, data: rawJson(textOf(outcome)) }
    : { name, ok: false, ...status, attempts, ms, error: outcome.error };
}

/** An answer that an earlier version has remembered was parsed. */
function textOf({ json, data }: { json?: string; data?: JsonValue }): string {
  return json ?? JSON.stringify(data ?? null);
}

function unwrap<Value>(settled: PromiseSettledResult<Value>): Value {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}
