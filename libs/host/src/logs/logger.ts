import { describeError } from '@app/core';
import type { LoggerService } from '@nestjs/common';
import { type Logger as Pino, pino } from 'pino';
import { Redaction } from './redaction.js';

/** A logger that writes JSON lines to standard output, without what `redaction` leaves out; without one, without credentials. Errors have their stack. */
export function createLogger(app: string, level: string, service?: string, redaction = new Redaction()): Pino {
  return pino({
    level,
    base: { app, ...(service === undefined ? {} : { service }), pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: loggedError },
    hooks: { streamWrite: (line) => redaction.line(line) },
  });
}

/** The longest text of a logged error, in characters. Another system may have chosen the text. */
const LONGEST = 8_000;
/** Where PostgreSQL's errors quote rows and parameters, and Node's the text that is no URL. */
const QUOTES = new Set(['detail', 'where', 'internalQuery', 'input']);

/**
 * Makes a thrown value safe to log. A handler may throw a value that throws itself when it is read, and logging it must not end the process. Texts
 * are cut, and only plain members are logged, because libraries attach whole answers and connections to their errors.
 */
export function loggedError(thrown: unknown): unknown {
  try {
    return bounded(pino.stdSerializers.err(thrown as Error));
  } catch {
    return describeError(thrown);
  }
}

function bounded(error: unknown): unknown {
  if (typeof error === 'string') return cut(error);
  if (typeof error !== 'object' || error === null || !('message' in error)) return error;
  const plain = Object.entries(error).flatMap(([name, value]: [string, unknown]): [string, unknown][] => {
    if (QUOTES.has(name)) return [];
    if (typeof value === 'string') return [[name, cut(value)]];
    if (name === 'aggregateErrors' && Array.isArray(value)) return [[name, value.slice(0, 10).map(bounded)]];
    return typeof value === 'object' || typeof value === 'function' ? [] : [[name, value]];
  });
  return Object.fromEntries(plain);
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`.toWellFormed();
}

/** Nest's names for the loggers that write while an application starts or listens. */
const STARTING = new Set(['NestApplication', 'NestMicroservice', 'ExceptionHandler']);

/** Writes Nest's own messages to pino. Messages of the start have the level debug. */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: Pino) {}

  log(message: unknown, context?: string): void {
    this.pino.debug({ context }, String(message));
  }
  debug(message: unknown, context?: string): void {
    this.pino.debug({ context }, String(message));
  }
  verbose(message: unknown, context?: string): void {
    this.pino.trace({ context }, String(message));
  }
  warn(message: unknown, context?: string): void {
    this.pino.warn({ context }, String(message));
  }
  error(message: unknown, ...details: unknown[]): void {
    // Nest also throws the errors of its start, and `failStart` logs them once.
    if (STARTING.has(String(details.at(-1)))) return;
    this.pino.error({ details: details.map(String) }, message instanceof Error ? (message.stack ?? message.message) : String(message));
  }
  fatal(message: unknown, ...details: unknown[]): void {
    this.pino.fatal({ details: details.map(String) }, String(message));
  }
}
