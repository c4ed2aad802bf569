import { createContext } from 'react';
import type { Imported } from '../../words/imported';
import type { Members } from './schema';

/** Names that are offered where a field asks for a column. */
export const Columns = createContext<readonly string[]>([]);

const NUMBERS = ['integer', 'bigint', 'numeric', 'double'];
const TIMES = ['date', 'timestamptz'];

/** A report to begin with: by month where there is a date, of the first numbers; where there are none, how many rows there are. */
export function reportOf({ table, columns }: Imported): Members {
  const date = columns.find(({ type }) => TIMES.includes(type));
  const text = columns.find(({ type }) => type === 'text' || type === 'boolean');
  const measured = columns.filter(({ type }) => NUMBERS.includes(type)).slice(0, 2);
  const measures = measured.length > 0 ? measured.map(({ name }) => ({ column: name, functions: ['mean', 'min', 'max'] })) : [{ column: columns[0]?.name ?? '', functions: ['count'] }]; // prettier-ignore
  return {
    table,
    ...(date === undefined ? { period: 'none' } : { dateColumn: date.name, period: 'month' }),
    groupBy: date === undefined && text !== undefined ? [text.name] : [],
    measures,
    format: ['csv', 'html', 'pdf'],
  };
}
