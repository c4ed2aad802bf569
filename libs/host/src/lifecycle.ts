import type { Logger } from '@app/core';
import { inspect } from 'node:util';
import { hideSecrets } from './logs/hide-secrets.js';
import { startFault } from './start-fault.js';
import { drainAll, isOneOfSeveral, joinOthers } from './processes/working-process.js';

interface Running {
  logger: Logger;
  metrics: { text(): Promise<string> };
  stop: () => Promise<void>;
}

let drain: ((reason: string) => void) | undefined;
let drainsAtOnce: string | undefined;

/** Ends this process as SIGTERM does, together with the other processes of the app; during a start, as soon as that has finished. Further calls do nothing. */
export function drainProcess(reason: string): void {
  if (drain === undefined) drainsAtOnce = reason;
  else drain(reason);
}

/**
 * Runs a process until SIGTERM or SIGINT (one of several processes: until the first process asks it to drain), then calls `stop` and exits with 0. A
 * second signal ends it at once, with 1. A failed start exits with 1, and logs the reason in one line when it is the configuration.
 */
export async function runProcess(start: () => Promise<Running>): Promise<void> {
  try {
    const { logger, metrics, stop } = await start();
    let stopping = false;
    const begin = (why: { signal: string } | { reason: string }) => {
      stopping = true;
      logger.info(why, 'draining');
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ err: error }, 'the drain failed');
          process.exit(1);
        },
      );
    };
    const onSignal = (signal: string) => {
      if (stopping) process.exit(1);
      begin({ signal });
    };
    if (isOneOfSeveral()) joinOthers(metrics, () => onSignal('drain'));
    else for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
    drain = (reason) => {
      if (stopping) return;
      if (!isOneOfSeveral()) return begin({ reason });
      drainAll();
      drain = () => undefined;
    };
    if (drainsAtOnce !== undefined) drain(drainsAtOnce);
    // Without this listener Node would end the process, with all its jobs, for the unhandled rejection of one handler.
    // Node would write it as it is.
    process.on('uncaughtException', (error) => {
      logger.error({ err: error }, 'an exception that nobody caught: the process ends');
      process.exit(1);
    });
    process.on('unhandledRejection', (error) => logger.error({ err: error }, 'a rejection that nobody handled'));
  } catch (error) {
    failStart(error);
  }
}

/** Logs why a start has failed, in one line when an operator can fix it, and exits with 1. */
export function failStart(error: unknown): never {
  console.error(hideSecrets(startFault(error) ?? inspect(error)));
  process.exit(1);
}
