import type { Logger } from '../kit/logger.js';

/** Keeps what was logged. */
export class RecordingLogger implements Logger {
  constructor(
    readonly entries: { level: string; message: string; fields: object }[] = [],
    private readonly bound: object = {},
  ) {}

  debug(fields: object, message: string): void {
    this.keep('debug', fields, message);
  }
  info(fields: object, message: string): void {
    this.keep('info', fields, message);
  }
  warn(fields: object, message: string): void {
    this.keep('warn', fields, message);
  }
  error(fields: object, message: string): void {
    this.keep('error', fields, message);
  }
  child(fields: object): Logger {
    return new RecordingLogger(this.entries, { ...this.bound, ...fields });
  }

  private keep(level: string, fields: object, message: string): void {
    this.entries.push({ level, message, fields: { ...this.bound, ...fields } });
  }
}
