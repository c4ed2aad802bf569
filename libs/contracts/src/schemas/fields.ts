import { ApiProperty, ApiPropertyOptional } from './documented.js';
import type { ApiPropertyOptions } from '@nestjs/swagger';

/** Values that the examples of all schemas share. */
export const EXAMPLE = {
  id: '019364d2-7c1e-7a33-8f3e-0b9f6a1d2c3e',
  kind: 'csv.import',
  queue: 'default',
  time: '2026-01-31T08:00:00.000Z',
  group: '9f2c4a1e07b35d68',
} as const;

/** Refers to `JsonValue`, the schema that accepts every value. Without it `@nestjs/swagger` would describe an object. */
export const ANY_JSON = 'JsonValue';
const anyJson = { oneOf: [{ $ref: `#/components/schemas/${ANY_JSON}` }] };

type Options = Omit<ApiPropertyOptions, 'type' | 'required'> & { description?: string };

export const AnyJson = (options: Options): PropertyDecorator => ApiProperty({ ...options, ...anyJson });
export const AnyJsonOptional = (options: Options): PropertyDecorator => ApiPropertyOptional({ ...options, ...anyJson });

export const Id = (options: Options = {}): PropertyDecorator => ApiProperty({ example: EXAMPLE.id, ...options, type: 'string', format: 'uuid' });

/** Times are ISO 8601, UTC, by the database's clock. */
export const Time = (options: Options = {}): PropertyDecorator => ApiProperty({ example: EXAMPLE.time, ...options, type: 'string', format: 'date-time' });

/** A text, or null. */
export const TextOrNull = (options: Options = {}): PropertyDecorator => ApiProperty({ ...options, type: 'string', nullable: true });

/** Whose it is. Those who see one tenant alone know it. */
export const Whose = (): PropertyDecorator =>
  ApiPropertyOptional({ type: 'string', nullable: true, example: 'acme', description: 'Whose it is, to keys for all tenants; null for none' });

export const Count = (options: Options = {}): PropertyDecorator => ApiProperty({ minimum: 0, ...options, type: 'integer' });

/** A path on this gateway, or its URL where PUBLIC_URL is set. */
export const Link = (options: Options = {}): PropertyDecorator => ApiProperty({ ...options, type: 'string', format: 'uri-reference' });
export const LinkOptional = (options: Options = {}): PropertyDecorator => ApiPropertyOptional({ ...options, type: 'string', format: 'uri-reference' });
