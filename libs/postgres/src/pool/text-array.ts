/** A `text[]` as PostgreSQL writes it, for a parameter that is an array of arrays: those it would flatten. */
export function textArray(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
