import type { JobDetail, JsonValue } from '../api/operations';

export interface ImportedColumn {
  name: string;
  type: string;
}

/** A table that a job of kind `csv.import` has made, by its result. */
export interface Imported {
  table: string;
  rows: number;
  badRows: number;
  columns: readonly ImportedColumn[];
}

export function importedBy(job: Pick<JobDetail, 'kind' | 'state' | 'result'>): Imported | null {
  const { kind, state, result } = job;
  if (kind !== 'csv.import' || state !== 'succeeded' || !isObject(result)) return null;
  const { table, rows, badRows, columns } = result;
  if (typeof table !== 'string' || typeof rows !== 'number' || typeof badRows !== 'number' || !Array.isArray(columns)) return null;
  const named = columns.flatMap((column) =>
    isObject(column) && typeof column['name'] === 'string' && typeof column['type'] === 'string' ? [{ name: column['name'], type: column['type'] }] : [],
  );
  return { table, rows, badRows, columns: named };
}

function isObject(value: JsonValue | undefined): value is { [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
