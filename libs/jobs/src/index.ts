import { handlersOf } from '@app/sdk';
import { CsvImport } from './csv-import.job.js';
import { FanoutEnrich } from './fanout-enrich.job.js';
import { ReportAggregate } from './report-aggregate.job.js';

/** Your jobs, a line each, by kind. A job that is not here does not exist. */
export const kinds = {
  'csv.import': CsvImport,
  'fanout.enrich': FanoutEnrich,
  'report.aggregate': ReportAggregate,
} as const;

export const catalogue = handlersOf(kinds);

/** For typed callers: `new Longhaul<Catalogue>()` after `import type { Catalogue }` knows the kinds, their payloads and results. */
export type Catalogue = typeof kinds;

export * from './csv-import.job.js';
export * from './fanout-enrich.job.js';
export * from './report-aggregate.job.js';
