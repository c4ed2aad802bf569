/** What letters are meant. The API takes the same for lists and for acts on many. */
export interface LetterFilters {
  source?: 'job' | 'message';
  reason?: string;
  kind?: string;
  queue?: string;
}

/** What is shown, as the URL has it. */
export interface LettersSearch extends LetterFilters {
  /** `all`: letter by letter, also those that were put back or put away. Left out: by their causes. */
  view?: 'all';
  sort?: 'newest';
  state?: 'open' | 'acknowledged';
  /** The cause that is open; of the view `all` a filter. */
  group?: string;
  letter?: string;
  tab?: string;
}

const VALUES = { view: ['all'], sort: ['newest'], state: ['open', 'acknowledged'], source: ['job', 'message'] };
const TEXTS = ['reason', 'kind', 'queue', 'group', 'letter', 'tab'];

/** What fits of a URL that somebody may have written by hand. */
export function readSearch(search: Record<string, unknown>): LettersSearch {
  const known = Object.entries(VALUES).filter(([name, values]) => values.includes(search[name] as string));
  const texts = TEXTS.filter((name) => typeof search[name] === 'string' && search[name] !== '');
  return Object.fromEntries([...known.map(([name]) => name), ...texts].map((name) => [name, search[name]]));
}

export function filtersOf({ source, reason, kind, queue }: LettersSearch): LetterFilters {
  return { ...(source && { source }), ...(reason && { reason }), ...(kind && { kind }), ...(queue && { queue }) };
}

/** The same, but for what is named. */
export function without(search: LettersSearch, ...names: (keyof LettersSearch)[]): LettersSearch {
  return Object.fromEntries(Object.entries(search).filter(([name]) => !names.includes(name as keyof LettersSearch)));
}
