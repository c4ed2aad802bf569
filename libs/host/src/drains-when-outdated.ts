import type { Logger } from '@app/core';
import { SCHEMA_NUMBER } from '@app/postgres';
import { drainProcess } from './lifecycle.js';

/** Drains the process, and logs that once, when a migration has run that this version cannot work with. */
export function drainsWhenOutdated(logger: Logger): (breaking: number | null) => void {
  let told = false;
  return (breaking) => {
    if (told || breaking === null || breaking <= SCHEMA_NUMBER) return;
    told = true;
    const reason = `the schema of the database has changed to number ${breaking}, and this version knows ${SCHEMA_NUMBER}`;
    logger.error({ schema: breaking, known: SCHEMA_NUMBER }, `${reason}; install a newer Longhaul`);
    drainProcess(reason);
  };
}
