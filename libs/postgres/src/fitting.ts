/** Of one page of a list, as JSON. */
const MAX_PAGE_BYTES = 1024 ** 2;

/** The first rows that fit together into one answer, and one at least: the page that follows has the rest. */
export function fitting<Row extends object>(rows: Row[]): Row[] {
  let bytes = 0;
  const end = rows.findIndex((row) => (bytes += JSON.stringify(row).length) > MAX_PAGE_BYTES);
  return end === -1 ? rows : rows.slice(0, Math.max(1, end));
}
