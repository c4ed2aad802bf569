import type { Logger } from '@app/core';
import { Logger as NestLogger } from '@nestjs/common';

/** Writes Longhaul's lines to the logger that the host has given Nest: the sentence, then the fields as JSON. */
export class HostLogger implements Logger {
  private readonly nest = new NestLogger('Longhaul');

  constructor(private readonly fields: object = {}) {}

  debug(fields: object, message: string): void {
    this.nest.debug(this.line(fields, message));
  }

  info(fields: object, message: string): void {
    this.nest.log(this.line(fields, message));
  }

  warn(fields: object, message: string): void {
    this.nest.warn(this.line(fields, message));
  }

  error(fields: object, message: string): void {
    this.nest.error(this.line(fields, message));
  }

  child(fields: object): Logger {
    return new HostLogger({ ...this.fields, ...fields });
  }

  private line(fields: object, message: string): string {
    const all = { ...this.fields, ...fields };
    if (Object.keys(all).length === 0) return message;
    return `${message} ${JSON.stringify(all, (_name, value: unknown) => (value instanceof Error ? `${value.name}: ${value.message}` : value))}`;
  }
}
