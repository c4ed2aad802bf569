/** What of the audit is shown, as the URL has it: the filters of `GET /audit`, and the entry that is open. */
export interface AuditSearch extends AuditFilters {
  entry?: string;
}

export interface AuditFilters {
  subject?: string;
  action?: string;
  target?: string;
  from?: string;
  to?: string;
}

const NAMES = ['subject', 'action', 'target', 'from', 'to', 'entry'] as const satisfies readonly (keyof AuditSearch)[];

/** What fits of a URL that somebody may have written by hand. */
export function readSearch(search: Record<string, unknown>): AuditSearch {
  return Object.fromEntries(NAMES.flatMap((name) => (typeof search[name] === 'string' && search[name] !== '' ? [[name, search[name]]] : [])));
}
