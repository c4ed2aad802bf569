import { Injectable, type Type } from '@nestjs/common';
import {
  type JobContext as CoreJobContext,
  type KeptTimes,
  kindPolicy,
  type KindOptions,
  type KindPolicy,
  type NamedLimit,
  type ScheduleSettings,
} from '@app/core';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EntityManager } from 'typeorm';
import { type KindRetention, kindRetention } from './kept-kind.js';
import { type KindLimit, kindLimits } from './limited-kind.js';
import type { PayloadRule, PayloadSource } from './payload-rule.js';
import { type KindSchedule, kindSchedule } from './scheduled-kind.js';
import { payloadRuleOf } from './payload-rule-of.js';

/** The interface of a running handler to Longhaul; its transactions are TypeORM's. */
export type JobContext = CoreJobContext<EntityManager>;

/** The type of the payload that a Standard Schema returns: `PayloadFrom<typeof RenderPayload>`. */
export type PayloadFrom<Schema extends StandardSchemaV1> = StandardSchemaV1.InferOutput<Schema>;

/** A class that runs the jobs of one kind. `Payload` is its payload class, or `PayloadFrom` of a schema. The value that `run` returns is stored as the job's result. */
export interface Handles<Payload, Result> {
  run(payload: Payload, job: JobContext): Promise<Result>;
}

export interface JobHandlerOptions<Payload extends object> extends KindOptions {
  /** Describes a valid payload: a class with class-validator's decorators, or a Standard Schema (zod, valibot, arktype, …). */
  payload: PayloadSource<Payload>;
  /**
   * Makes jobs of this kind by itself. A gateway sets it at its start, as `kind:<kind>`, and pauses it when it is gone from the code. It can be paused,
   * resumed and triggered through the API.
   */
  schedule?: KindSchedule<Payload>;
  /**
   * How many of its jobs run at once, and how many start in a time. A gateway sets them at its start, and takes away what is gone from the code. One that is
   * PUT under the same name holds in its place, until it is deleted.
   */
  limits?: KindLimit | readonly KindLimit[];
  /**
   * How long its finished jobs are kept, from their end: `{ succeeded: '1d', failed: null }`; null for ever. A gateway sets it at its start, and takes away what
   * is gone from the code. A rule that is PUT at `/retention` comes before it.
   */
  retention?: KindRetention;
}

/** A kind of the catalogue: its payload, its policy and its handler. */
export interface KindDefinition {
  policy: KindPolicy;
  payload: PayloadRule;
  /** Undefined for most kinds: their jobs are submitted. */
  schedule: ScheduleSettings | undefined;
  limits: readonly NamedLimit[];
  /** Undefined: the settings say it. */
  retention: KeptTimes | undefined;
  handler: Type<Handles<object, unknown>>;
}

const definitions = new WeakMap<object, KindDefinition>();

/**
 * Makes a class the handler of one kind. The compiler checks `payload` against `run()`. A wrong option throws when the module
 * is loaded, so at start-up and not at the first job. Name the class in `longhaul.config.ts`.
 */
export function JobHandler<Payload extends object>(options: JobHandlerOptions<Payload>) {
  const policy = kindPolicy(options);
  const { payload }: { payload: unknown } = options;
  const rule = payloadRuleOf(payload);
  if (!rule) {
    const got = payload === undefined ? 'none' : typeof payload;
    throw new TypeError(
      `expected payload of ${policy.kind} to be the class of its payload, or a Standard Schema, got ${got}; without arguments: class Payload {}`,
    );
  }
  const schedule = options.schedule && kindSchedule(policy, options.schedule);
  const limits = kindLimits(policy, options.limits ?? []);
  const retention = options.retention === undefined ? undefined : kindRetention(policy, options.retention);
  return (target: Type<Handles<Payload, unknown>>): void => {
    if (typeof (target.prototype as Partial<Handles<Payload, unknown>>).run !== 'function') {
      throw new TypeError(`expected ${target.name}, the handler of ${policy.kind}, to have a method run(payload, job), got a class without it`);
    }
    Injectable()(target);
    definitions.set(target, { policy, payload: rule, schedule, limits, retention, handler: target });
  };
}

/** The definition that `@JobHandler` left on a class, or undefined for a class without the decorator. */
export function definitionOf(handler: object): KindDefinition | undefined {
  return definitions.get(handler);
}
