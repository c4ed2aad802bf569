/** The literal of a `uuid[]`. The driver would search each of them for what is to be escaped. */
export function uuidArray(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}
