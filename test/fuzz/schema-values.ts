import type { Random } from '../simulation/random.js';
import { hostileJson, hostileText } from './hostile.js';

/** As much of a schema of an OpenAPI document as values are made by. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  example?: unknown;
  format?: string;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  minimum?: number;
  maximum?: number;
}

/** Kinds that do no harm to the process that runs them. */
const KINDS = [
  ...Array.from({ length: 8 }, () => 'debug.echo'),
  'debug.fail',
  'debug.log',
  'csv.import',
  'report.aggregate',
  'no.such.kind',
  'longhaul.webhook',
  'longhaul.bulk',
];
const KNOWN: Readonly<Record<string, readonly unknown[]>> = {
  kind: KINDS,
  queue: ['default', 'fuzz', 'no queue'],
  payload: [...Array.from({ length: 8 }, (_, value) => ({ value })), { message: 'm', times: 1 }, { lines: 2 }, {}, null, [1]],
  tag: ['same', 'customer-17'],
  spec: [{ every: '1d' }, { cron: '0 3 * * *', timezone: 'Europe/Berlin' }, { every: '1ms' }, { at: '2030-01-01T00:00:00Z' }],
  url: ['http://127.0.0.1:1/x', 'https://127.0.0.1/', 'http://localhost:1'],
  unique: [{ key: 'waits' }, { key: 'k', keep: 'newest' }, { keep: 'x' }],
  delay: ['1h', 1_000],
};

/** Makes values that a schema allows, mostly, so that they come past the first check; here and there a hostile one is within. */
export class SchemaValues {
  constructor(
    private readonly random: Random,
    private readonly schemas: Readonly<Record<string, Schema>>,
    private readonly ids: () => string,
  ) {}

  value(schema: Schema, name = '', depth = 6): unknown {
    const { random } = this;
    if (random.chance(0.06)) return hostileJson(random);
    const known = KNOWN[name];
    if (known && random.chance(0.9)) return random.pick(known);
    if (/^(id|jobId|fileId)$/.test(name) && random.chance(0.8)) return this.ids();
    if (schema.$ref !== undefined) return this.value(this.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, name, depth - 1);
    const choice = schema.oneOf ?? schema.anyOf;
    if (choice) return this.value(random.pick(choice), name, depth - 1);
    if (schema.allOf) return this.value(schema.allOf[0] ?? {}, name, depth - 1);
    if (schema.enum) return random.pick(schema.enum);
    if (schema.example !== undefined && random.chance(0.4)) return schema.example;
    return this.ofType(schema, depth);
  }

  private ofType(schema: Schema, depth: number): unknown {
    const { random } = this;
    const type = Array.isArray(schema.type) ? random.pick(schema.type) : schema.type;
    if (type === 'object' || schema.properties) return depth <= 0 ? {} : this.object(schema, depth);
    if (type === 'array') return depth <= 0 ? [] : Array.from({ length: random.int(0, 3) }, () => this.value(schema.items ?? {}, '', depth - 1));
    if (type === 'integer' || type === 'number') return random.chance(0.8) ? random.int(schema.minimum ?? 0, Math.min(schema.maximum ?? 100, 1_000)) : -1;
    if (type === 'boolean') return random.chance(0.5);
    if (type === 'string') return schema.format === 'date-time' ? '2026-01-31T08:00:00Z' : schema.format === 'uuid' ? this.ids() : hostileText(random);
    return hostileJson(random, 2);
  }

  private object({ properties = {}, required = [], additionalProperties }: Schema, depth: number): unknown {
    const { random } = this;
    const names = Object.keys(properties).filter((name) => random.chance(required.includes(name) ? 0.97 : 0.35));
    const object: Record<string, unknown> = {};
    for (const name of names) object[name] = this.value(properties[name] as Schema, name, depth - 1);
    if (typeof additionalProperties === 'object') object[hostileText(random)] = this.value(additionalProperties, '', depth - 1);
    if (random.chance(0.05)) Object.defineProperty(object, hostileText(random), { value: hostileJson(random), enumerable: true, configurable: true });
    return object;
  }
}
