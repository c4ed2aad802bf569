import type { Type } from '@nestjs/common';
import type { JsonValue } from '@app/core';
import { payloadClassOf } from './payload-class.js';
import type { PayloadRule, ReadPayload } from './payload-rule.js';
import { type JsonSchema, payloadSchema } from './payload-schema.js';
import { readPayload } from './payload-validation.js';
import { isStandardSchema, StandardPayload } from './standard-payload.js';

/** The rule of a class or a Standard Schema; undefined for any other value. */
export function payloadRuleOf(source: unknown): PayloadRule | undefined {
  if (isStandardSchema(source)) return new StandardPayload(source);
  return typeof source === 'function' ? new ClassPayload(source as Type<object>) : undefined;
}

class ClassPayload implements PayloadRule {
  constructor(private readonly source: Type<object>) {}

  get exact(): boolean {
    return payloadClassOf(this.source).exact;
  }

  read(payload: JsonValue, text: string): ReadPayload {
    return readPayload(this.source, payload, text);
  }

  schema(): JsonSchema {
    return payloadSchema(this.source);
  }
}
