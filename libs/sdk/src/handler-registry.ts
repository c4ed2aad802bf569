import type { Type } from '@nestjs/common';
import {
  type Fault,
  type Handlers,
  inexactLiteral,
  type JsonText,
  type JsonValue,
  type KindPolicy,
  type KindTimes,
  type NamedLimit,
  NonRetryableError,
  type ScheduleSettings,
  withTenant,
} from '@app/core';
import type { EntityManager } from 'typeorm';
import { definitionOf, type Handles, type JobContext, type KindDefinition } from './job-handler.decorator.js';
import type { ReadPayload } from './payload-rule.js';
import type { JsonSchema } from './payload-schema.js';

/** Returns the instance of a handler class. Only a process that runs jobs has instances. */
export type HandlerSource = (handler: Type<Handles<object, unknown>>) => Handles<object, unknown>;

/**
 * The kinds of a catalogue. It is made at start-up, and throws for a class without `@JobHandler`, for two handlers of one kind
 * and, in a process that runs jobs, for a handler that cannot be made. Each error says what to do.
 */
export class HandlerRegistry implements Handlers<EntityManager> {
  private readonly definitions = new Map<string, KindDefinition>();
  /** Kinds for which a warning about lost digits of a number was logged. */
  private readonly told = new Set<string>();
  private readonly instances = new Map<string, Handles<object, unknown>>();

  constructor(catalogue: readonly Type<unknown>[], source?: HandlerSource) {
    this.define(catalogue);
    if (source) for (const { policy, handler } of this.definitions.values()) this.instances.set(policy.kind, source(handler));
  }

  /** Adds kinds after the start, e.g. those of a module of the host application. */
  define(catalogue: readonly Type<unknown>[]): void {
    for (const handler of catalogue) {
      const definition = definitionOf(handler);
      if (!definition) throw new Error(`expected ${handler.name} in the catalogue to have @JobHandler({ kind, payload }), got a class without it`);
      const { kind } = definition.policy;
      const other = this.definitions.get(kind);
      if (other) throw new Error(`expected one handler for kind "${kind}", got two: ${other.handler.name} and ${handler.name}; give one of them another kind`);
      this.definitions.set(kind, definition);
    }
  }

  /** The handler classes that this process has no instance of yet. */
  missing(): Type<Handles<never, unknown>>[] {
    return [...this.definitions.values()].flatMap(({ policy, handler }) => (this.instances.has(policy.kind) ? [] : [handler as Type<Handles<never, unknown>>]));
  }

  attach(handler: Type<unknown>, instance: object): void {
    const definition = definitionOf(handler);
    if (!definition) throw new Error(`expected ${handler.name} to have @JobHandler, got a class without it`);
    this.instances.set(definition.policy.kind, instance as Handles<object, unknown>);
  }

  names(): string[] {
    return [...this.definitions.keys()];
  }

  /** The schedules that stand in code. */
  schedules(): { kind: string; settings: ScheduleSettings }[] {
    return [...this.definitions.values()].flatMap(({ policy: { kind }, schedule }) => (schedule ? [{ kind, settings: schedule }] : []));
  }

  /** The limits that stand in code. */
  limits(): NamedLimit[] {
    return [...this.definitions.values()].flatMap(({ limits }) => limits);
  }

  /** How long jobs are kept, of the kinds whose code says it. */
  retention(): KindTimes[] {
    return [...this.definitions.values()].flatMap(({ policy: { kind }, retention }) => (retention ? [{ kind, times: retention }] : []));
  }

  /** The queues that its kinds name. */
  queues(): string[] {
    return [...new Set([...this.definitions.values()].map(({ policy }) => policy.queue))];
  }

  policy(kind: string): KindPolicy | undefined {
    return this.definitions.get(kind)?.policy;
  }

  /** The JSON Schema of a kind's payload. */
  payloadSchema(kind: string): JsonSchema | undefined {
    return this.definitions.get(kind)?.payload.schema();
  }

  validate(kind: string, payload: JsonValue, text: JsonText): Fault[] | Promise<Fault[]> {
    const definition = this.definitions.get(kind);
    if (!definition) throw new Error(`expected a known kind, got: ${kind}`);
    const read = definition.payload.read(payload, text);
    return read instanceof Promise ? read.then(faultsOf) : faultsOf(read);
  }

  async run(kind: string, text: JsonText, context: JobContext): Promise<unknown> {
    const definition = this.definitions.get(kind);
    const handler = this.instances.get(kind);
    if (!definition || !handler) throw new NonRetryableError(`no handler for kind "${kind}" in this process`, { code: 'unknown_kind' });
    // Validated again, because the class may have changed since the submission, or an operator may have edited the row.
    this.tellOfLostDigits(kind, text, definition, context);
    const payload = JSON.parse(text) as JsonValue;
    const read = await definition.payload.read(payload, text);
    if ('faults' in read) {
      const text = read.faults.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
      throw new NonRetryableError(`the payload is not valid for ${kind}: ${text}`, { code: 'invalid_payload' });
    }
    return withTenant(context.tenant, () => handler.run(read.instance as object, context));
  }

  /** Warns once for each kind. A class that reads whole numbers exactly needs no warning. */
  private tellOfLostDigits(kind: string, text: JsonText, { payload }: KindDefinition, context: JobContext): void {
    if (this.told.has(kind) || payload.exact) return;
    const literal = inexactLiteral(text);
    if (literal === undefined) return;
    this.told.add(kind);
    const shown = literal.slice(0, 50);
    context.log(`${shown} in the payload has more digits than a number keeps; job.rawPayload has them all, and a field with @Type(() => BigInt)`, { kind });
  }
}

function faultsOf(read: ReadPayload): Fault[] {
  return 'faults' in read ? read.faults : [];
}
