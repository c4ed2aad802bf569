type Value = string | number | boolean | Date | undefined;

/** The query of a URL, with its question mark; empty where nothing is asked for. A list has its name for each of its members. */
export function queryOf(fields: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields) as [string, Value | readonly Value[]][])
    for (const one of [value].flat()) if (one !== undefined) query.append(name, one instanceof Date ? one.toISOString() : String(one));
  return query.size === 0 ? '' : `?${query.toString()}`;
}
