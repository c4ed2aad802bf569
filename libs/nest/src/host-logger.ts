import type { Logger } from '@app/core';
import { Redaction } from '@app/host';
import { Logger as NestLogger } from '@nestjs/common';

/** Writes Longhaul's lines to the logger that the host has given Nest: the sentence, then the fields as JSON, without what `redaction` leaves out. */
export class HostLogger implements Logger {
  private readonly nest = new NestLogger('Longhaul');

  constructor(
    private readonly fields: object = {},
    private readonly redaction = new Redaction(),
  ) {}

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
    return new HostLogger({ ...this.fields, ...fields }, this.redaction);
  }

  private line(fields: object, message: string): string {
    const all = { ...this.fields, ...fields };
    if (Object.keys(all).length === 0) return this.redaction.text(message);
    const json = JSON.stringify(all, (_name, value: unknown) => (value instanceof Error ? `${value.name}: ${value.message}` : value));
    return `${this.redaction.text(message)} ${this.redaction.line(json).trimEnd()}`;
  }
}
