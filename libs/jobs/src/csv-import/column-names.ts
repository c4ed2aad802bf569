/** PostgreSQL keeps 63 bytes of a name; the rest is room for a number that tells equal ones apart. */
const MAX_LENGTH = 58;
const SYSTEM_COLUMNS = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

/**
 * Column names from a header as people write it: `Cost Total $` becomes `cost_total`, an empty one `column_3`, and the
 * second of two equal ones gets `_2`. Each is a plain lower-case identifier, and no two are equal.
 */
export function columnNames(headers: readonly string[]): string[] {
  const taken = new Set(SYSTEM_COLUMNS);
  return headers.map((header, index) => {
    const wanted = plainName(header) || `column_${index + 1}`;
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
    taken.add(name);
    return name;
  });
}

function plainName(header: string): string {
  const name = header
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, MAX_LENGTH)
    .replace(/^_+|_+$/g, '');
  return /^\d/.test(name) ? `c_${name.slice(0, MAX_LENGTH - 2)}` : name;
}
