/** A name of the file as people write it: `unit_price` is `unit price`. */
export function words(name: string): string {
  return name.replace(/_+/g, ' ').trim() || name;
}

export function capital(text: string): string {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('');
}

/** The columns with a title each that no other has: two that would read the same keep the name as it is in the file. */
export function distinctTitles<Column extends { label: string; title: string }>(columns: readonly Column[]): Column[] {
  const counts = new Map<string, number>();
  for (const { title } of columns) counts.set(title, (counts.get(title) ?? 0) + 1);
  return columns.map((column) => ((counts.get(column.title) ?? 0) > 1 ? { ...column, title: column.label } : column));
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
