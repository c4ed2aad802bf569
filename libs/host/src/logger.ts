import { describeError } from '@app/core';
import type { LoggerService } from '@nestjs/common';
import { type Logger as Pino, pino } from 'pino';

/** JSON lines on standard output; secrets of URLs and headers are not in what we log, and errors carry their stack. */
export function createLogger(app: string, level: string, service?: string): Pino {
  return pino({
    level,
    base: { app, ...(service === undefined ? {} : { service }), pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: loggedError },
  });
}

/** Of a text in a logged error, in characters: another side may have chosen it. */
const LONGEST = 8_000;

/**
 * A handler may throw, or reject with, what throws when it is looked at: a line about that must not end the process. Texts are cut, and of the
 * members only plain ones are logged: libraries hang whole answers and connections on their errors.
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
    if (typeof value === 'string') return [[name, cut(value)]];
    if (name === 'aggregateErrors' && Array.isArray(value)) return [[name, value.slice(0, 10).map(bounded)]];
    return typeof value === 'object' || typeof value === 'function' ? [] : [[name, value]];
  });
  return Object.fromEntries(plain);
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`.toWellFormed();
}

/** Who speaks in Nest while an application starts or listens. */
const STARTING = new Set(['NestApplication', 'NestMicroservice', 'ExceptionHandler']);

/** Nest's own messages through pino; what Nest logs while it starts is detail. */
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
    // What Nest logs of its own start it throws as well, and then it is told once, by `failStart`.
    if (STARTING.has(String(details.at(-1)))) return;
    this.pino.error({ details: details.map(String) }, message instanceof Error ? (message.stack ?? message.message) : String(message));
  }
  fatal(message: unknown, ...details: unknown[]): void {
    this.pino.fatal({ details: details.map(String) }, String(message));
  }
}
