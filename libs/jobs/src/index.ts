import { CsvImport } from './csv-import.job.js';

/** Your jobs, a line each. A job that is not here does not exist. */
export const catalogue = [CsvImport] as const;

/** For typed callers: `import type { Catalogue }`. */
export type Catalogue = typeof catalogue;

export { debugKinds } from './debug.jobs.js';
export * from './csv-import.job.js';
