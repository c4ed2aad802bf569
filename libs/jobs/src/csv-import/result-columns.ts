import type { ColumnType } from './column-types.js';
import type { ImportColumn } from './row-batch.js';

/** A column as the result of an import shows it. */
export interface ImportedColumnView {
  name: string;
  type: ColumnType;
  header: string;
}

/** A result lies in the job's row and is sent to each listener, so it must stay small whatever the file's header is. */
const MAX_BYTES = 256 * 1024;
const MAX_HEADER = 200;

/** As many columns as a result should hold, each header cut to a length that people read, and how many were left out. */
export function viewOfColumns(columns: readonly ImportColumn[]): { columns: ImportedColumnView[]; columnsLeftOut?: number } {
  const shown: ImportedColumnView[] = [];
  let bytes = 0;
  for (const { name, type, label } of columns) {
    const view = { name, type, header: cutText(label, MAX_HEADER) };
    bytes += Buffer.byteLength(JSON.stringify(view)) + 1;
    if (bytes > MAX_BYTES) break;
    shown.push(view);
  }
  return shown.length === columns.length ? { columns: shown } : { columns: shown, columnsLeftOut: columns.length - shown.length };
}

/** At most `length` characters, the last of them an ellipsis where something was cut; no character is halved. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
