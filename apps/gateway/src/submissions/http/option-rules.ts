import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@app/contracts/schemas';
import { type JobOption, JOB_OPTIONS, KEEPS, parseDuration, parseTime, PRINTABLE } from '@app/core';
import type { ApiPropertyOptions } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsEmail,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  registerDecorator,
  ValidateNested,
} from 'class-validator';

const EACH = { each: true };
const { min: SHORTEST_KEY, max: LONGEST_KEY } = JOB_OPTIONS.unique;

/** A unique key, and which of two jobs with it stays. */
@ApiSchema({ name: 'Unique' })
export class UniqueDto {
  @ApiProperty({
    minLength: SHORTEST_KEY,
    maxLength: LONGEST_KEY,
    example: 'invoice-7',
    description: 'Of all jobs of one kind that have it, one waits at most',
  })
  @Matches(PRINTABLE, { message: 'key must be printable' })
  @Length(SHORTEST_KEY, LONGEST_KEY)
  @IsString()
  key!: string;

  @ApiPropertyOptional({
    enum: KEEPS,
    enumName: 'Keep',
    default: 'oldest',
    description: 'Which job stays, the one that waits or the new one, which takes its place',
  })
  @IsIn(KEEPS)
  @IsOptional()
  keep?: (typeof KEEPS)[number];
}

/** The checks of a value of each form, in the order in which faults are reported. */
const RULES: Record<JobOption['form'], (option: JobOption) => PropertyDecorator[]> = {
  name: ({ min, max }) => [Length(min, max), IsString()],
  integer: ({ min, max }) => [Max(max), Min(min), IsInt()],
  time: () => [IsTime()],
  duration: () => [IsDuration()],
  moment: () => [IsMoment()],
  url: ({ max }) => [MaxLength(max), IsString()],
  email: ({ max }) => [MaxLength(max), IsEmail()],
  tags: ({ min, max, most = 1 }) => [
    Matches(PRINTABLE, { ...EACH, message: 'each tag must be printable' }),
    Length(min, max, EACH),
    IsString(EACH),
    ArrayMaxSize(most),
    IsArray(),
  ],
  key: ({ min, max }) => [Matches(PRINTABLE, { message: '$property must be printable' }), Length(min, max), IsString()],
  unique: () => [ValidateNested(), Type(() => UniqueDto), IsObject()],
};

/** The schema of a value of each form in the API's document. */
const SHAPES: Record<JobOption['form'], (option: JobOption) => ApiPropertyOptions> = {
  name: () => ({ type: String }),
  integer: ({ min, max }) => ({ type: Number, minimum: min, maximum: max }),
  time: () => ({ type: String, format: 'date-time' }),
  duration: () => ({ type: Object, oneOf: [{ type: 'string' }, { type: 'number' }] }),
  moment: () => ({ type: Object, oneOf: [{ type: 'string' }, { type: 'number' }] }),
  url: () => ({ type: String, format: 'uri' }),
  email: () => ({ type: String, format: 'email' }),
  tags: ({ most = 1 }) => ({ type: [String], maxItems: most }),
  key: ({ min, max }) => ({ type: String, minLength: min, maxLength: max }),
  unique: () => ({ type: () => UniqueDto }),
};

/** Gives a class every option of a job as an optional field: its checks, and its part of the document. */
export function JobOptionFields(): ClassDecorator {
  return ({ prototype }) => {
    for (const [name, option] of Object.entries<JobOption>(JOB_OPTIONS))
      for (const decorate of [...RULES[option.form](option), IsOptional(), ApiPropertyOptional(documented(option))]) decorate(prototype as object, name);
  };
}

function documented(option: JobOption): ApiPropertyOptions {
  const { description, example } = option;
  return { ...SHAPES[option.form](option), ...(example === undefined ? {} : { example }), ...(description === undefined ? {} : { description }) };
}

function IsDuration(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      target: target.constructor,
      propertyName: String(propertyName),
      options: { message: '$property must be milliseconds, or text such as "30s", "15m" or "PT15M"' },
      validator: { validate: (value) => (typeof value === 'number' || typeof value === 'string') && parseDuration(value) !== undefined },
    });
}

function IsMoment(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      target: target.constructor,
      propertyName: String(propertyName),
      options: { message: '$property must be an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z, or how long from now, such as "1h"' },
      validator: {
        validate: (value) =>
          (typeof value === 'number' && parseDuration(value) !== undefined) ||
          (typeof value === 'string' && (parseTime(value) !== undefined || parseDuration(value) !== undefined)),
      },
    });
}

function IsTime(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      target: target.constructor,
      propertyName: String(propertyName),
      options: { message: '$property must be an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z' },
      validator: { validate: (value) => typeof value === 'string' && parseTime(value) !== undefined },
    });
}
