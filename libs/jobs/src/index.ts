import { CsvImport } from './csv-import.job.js';
import { FanoutEnrich } from './fanout-enrich.job.js';
import { ReportAggregate } from './report-aggregate.job.js';

/** Your jobs, a line each. A job that is not here does not exist. */
export const catalogue = [CsvImport, FanoutEnrich, ReportAggregate] as const;

/** For typed callers: `import type { Catalogue }`. */
export type Catalogue = typeof catalogue;

export { debugKinds } from './debug.jobs.js';
export * from './csv-import.job.js';
export * from './fanout-enrich.job.js';
export * from './report-aggregate.job.js';
