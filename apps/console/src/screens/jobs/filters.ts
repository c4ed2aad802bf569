import type { JobState, Query } from '../../api/api';

/** The filters of the list, as the URL has them: some of those of `GET /jobs`, each with one value. */
export interface JobFilters {
  state?: JobState;
  kind?: string;
  queue?: string;
  tag?: string;
}

export const STATES: readonly JobState[] = ['scheduled', 'queued', 'running', 'succeeded', 'failed', 'cancelled'];

/** What fits of a URL that somebody may have written by hand. */
export function readFilters(search: Record<string, unknown>): JobFilters {
  const text = (name: keyof JobFilters): string | undefined => {
    const value = search[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const state = STATES.find((one) => one === text('state'));
  const [kind, queue, tag] = [text('kind'), text('queue'), text('tag')];
  return { ...(state && { state }), ...(kind && { kind }), ...(queue && { queue }), ...(tag && { tag }) };
}

/** The list as a sentence: `Failed jobs of csv.import`. */
export function describe({ state, kind, queue, tag }: JobFilters): string {
  const parts = [
    state === undefined ? 'Jobs' : `${state.charAt(0).toUpperCase()}${state.slice(1)} jobs`,
    ...(kind === undefined ? [] : [`of ${kind}`]),
    ...(queue === undefined ? [] : [`in queue ${queue}`]),
    ...(tag === undefined ? [] : [`with tag ${tag}`]),
  ];
  return parts.join(' ');
}

/** As the API takes them: it has a list of states, of kinds and of tags. */
export function queryOf({ state, kind, queue, tag }: JobFilters): Query<'GET /jobs'> {
  return { ...(state && { state: [state] }), ...(kind && { kind: [kind] }), ...(queue && { queue }), ...(tag && { tag: [tag] }) };
}
