/** Of one page of a list, about, as JSON. */
const MAX_PAGE_BYTES = 1024 ** 2;
/** Names of fields, numbers and times. */
const ROW_BYTES = 800;

/** The first rows that fit together into one answer, and one at least: the page that follows has the rest. */
export function fitting<Row extends object>(rows: Row[]): Row[] {
  let bytes = 0;
  const end = rows.findIndex((row) => (bytes += sizeOf(row)) > MAX_PAGE_BYTES);
  return end === -1 ? rows : rows.slice(0, Math.max(1, end));
}

/** Only what may be long is written to be measured: to write all of a page costs as much as to answer it. */
function sizeOf(row: object): number {
  let bytes = ROW_BYTES;
  for (const value of Object.values(row) as unknown[]) {
    if (typeof value === 'string') bytes += value.length;
    else if (typeof value === 'object' && value !== null && !(value instanceof Date)) bytes += JSON.stringify(value).length;
  }
  return bytes;
}
