import { stringify, type Stringifier } from 'csv-stringify';
import type { ReportColumn } from './aggregate-query.js';

/**
 * Turns rows into CSV. Texts that a spreadsheet would take for a formula get a leading apostrophe; numbers do not, so
 * that a negative one stays a number. Write the header with {@link csvHeader} first.
 */
export function csvWriter(columns: readonly ReportColumn[]): Stringifier {
  return stringify({
    escape_formulas: true,
    cast: { string: (value, { index }) => (columns[index]?.numeric ? { value, escape_formulas: false } : value) },
  });
}

export function csvHeader(columns: readonly ReportColumn[]): string[] {
  return columns.map((column) => column.label);
}
