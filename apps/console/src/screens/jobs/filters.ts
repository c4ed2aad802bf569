import type { JobState, Query } from '../../api/api';

/** The filters of the list, as the URL has them: those of `GET /jobs`, each with one value. */
export interface JobFilters {
  state?: JobState;
  kind?: string;
  queue?: string;
  tag?: string;
  schedule?: string;
  error?: string;
  payload?: string;
  idempotencyKey?: string;
  createdFrom?: string;
  createdTo?: string;
  finishedFrom?: string;
  finishedTo?: string;
}

/** With the act on many that is shown above the list, by the id of its job. */
export interface JobsSearch extends JobFilters {
  act?: string;
}

export const STATES: readonly JobState[] = ['scheduled', 'queued', 'running', 'succeeded', 'failed', 'cancelled'];

const TEXTS = ['kind', 'queue', 'tag', 'schedule', 'error', 'payload', 'idempotencyKey', 'createdFrom', 'createdTo', 'finishedFrom', 'finishedTo'] as const;

/** What fits of a URL that somebody may have written by hand. */
export function readFilters(search: Record<string, unknown>): JobFilters {
  const state = STATES.find((one) => one === search['state']);
  const texts = TEXTS.flatMap((name) => (typeof search[name] === 'string' && search[name] !== '' ? [[name, search[name]] as const] : []));
  return { ...(state && { state }), ...Object.fromEntries(texts) };
}

export function readSearch(search: Record<string, unknown>): JobsSearch {
  return { ...readFilters(search), ...(typeof search['act'] === 'string' && { act: search['act'] }) };
}

/** The list as a sentence: `Failed jobs of csv.import`. */
export function describe({ state, kind, queue, tag, schedule, error, payload, idempotencyKey, ...times }: JobFilters): string {
  const parts = [
    state === undefined ? 'Jobs' : `${state.charAt(0).toUpperCase()}${state.slice(1)} jobs`,
    ...(kind === undefined ? [] : [`of ${kind}`]),
    ...(queue === undefined ? [] : [`in queue ${queue}`]),
    ...(tag === undefined ? [] : [`with tag ${tag}`]),
    ...(schedule === undefined ? [] : [`by schedule ${schedule}`]),
    ...(idempotencyKey === undefined ? [] : [`with key ${idempotencyKey}`]),
    ...(error === undefined ? [] : [`with “${error}” in the error`]),
    ...(payload === undefined ? [] : [`with ${payload}`]),
    ...span('created', times.createdFrom, times.createdTo),
    ...span('ended', times.finishedFrom, times.finishedTo),
  ];
  return parts.join(' ');
}

function span(what: string, from: string | undefined, to: string | undefined): string[] {
  if (from === undefined && to === undefined) return [];
  return [[what, ...(from === undefined ? [] : ['since', from]), ...(to === undefined ? [] : ['before', to])].join(' ')];
}

/** As the API takes them: it has a list of states, of kinds and of tags. */
export function queryOf({ state, kind, tag, ...others }: JobFilters): Query<'GET /jobs'> {
  return { ...(state && { state: [state] }), ...(kind && { kind: [kind] }), ...(tag && { tag: [tag] }), ...others };
}
