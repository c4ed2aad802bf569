import { type LimitDetail, type LimitMatch, type LimitSettings, type LimitView, type Query } from '../../api/api';
import { quoted } from '../../words/quoted';
import { count, number } from '../../words/words';

type Told = Pick<LimitView, 'match' | 'per' | 'concurrency' | 'rate' | 'burst' | 'strict'>;

/** `kind partner.call, queue reports`; `every job`. */
export function matchWords(match: LimitMatch): string {
  const words = Object.entries(match).map(([name, value]) => `${name} ${String(value)}`);
  return words.length === 0 ? 'every job' : words.join(', ');
}

const UNITS: Record<string, string> = { s: 'a second', m: 'a minute', h: 'an hour' };

/** `10 starts a second`. */
export function rateWords(rate: string): string {
  const [many = '', unit = ''] = rate.split('/');
  return `${count(Number(many), 'start')} ${UNITS[unit] ?? `in ${unit}`}`;
}

/** `5 at once, 10 starts a second, for each tenant`. */
export function limitWords({ concurrency, rate, per }: Pick<Told, 'concurrency' | 'rate' | 'per'>): string {
  return [
    ...(concurrency === null ? [] : [`${number(concurrency)} at once`]),
    ...(rate === null ? [] : [rateWords(rate)]),
    ...(per === null ? [] : [`for each ${per.replace(/^tag:/, '')}`]),
  ].join(', ');
}

/** Its jobs, as the list of jobs can show them; undefined where the limit is for a prefix, which the list has no filter for. */
export function jobsOf({ kind, queue, tag }: LimitMatch): { kind?: string; queue?: string; tag?: string } | undefined {
  if ([kind, tag].some((name) => name?.endsWith('*'))) return undefined;
  return { ...(kind !== undefined && { kind }), ...(queue !== undefined && { queue }), ...(tag !== undefined && { tag }) };
}

/** The same as a question to the API. */
export function queryOf({ kind, queue, tag }: NonNullable<ReturnType<typeof jobsOf>>): Query<'GET /jobs'> {
  return { ...(kind !== undefined && { kind: [kind] }), ...(queue !== undefined && { queue }), ...(tag !== undefined && { tag: [tag] }) };
}

/** What another number of places does to those that run and those that wait now. */
export function effectOf(limit: Pick<LimitDetail, 'per' | 'held' | 'parked' | 'keys' | 'capacity'>, next: number | null): string {
  const { per, keys, parked, held, capacity } = limit;
  const uses = per === null ? [{ held, parked }] : keys;
  const room = next ?? Infinity;
  const starts = uses.reduce((sum, use) => sum + Math.min(Math.max(room - use.held, 0), use.parked), 0);
  const surplus = uses.reduce((sum, use) => sum + Math.max(use.held - room, 0), 0);
  const before = capacity === null ? 'no bound' : number(capacity);
  const change = next === capacity ? 'As many run at once as before.' : `${next === null ? 'No bound' : number(next)} instead of ${before}.`;
  const waits =
    parked === 0 ? 'No job waits for it now.' : starts === 0 ? `${jobsWait(parked)} for it, and none starts by this.` : `${number(starts)} of the ${count(parked, 'job')} that ${parked === 1 ? 'waits' : 'wait'} for it may start at once.`; // prettier-ignore
  const over = surplus === 0 ? '' : ` ${number(surplus)} of the ${number(held)} that have a place are too many: they run to their end, and none starts before.`;
  return `${change} ${waits}${over}`;
}

function jobsWait(parked: number): string {
  return `${count(parked, 'job')} ${parked === 1 ? 'waits' : 'wait'}`;
}

/** What `longhaul limits set` takes for these settings. */
export function limitFlags({ match, per, concurrency, rate, burst, strict }: LimitSettings): string {
  const flags = Object.entries({ ...match, per, concurrency, rate, burst }).filter(([, value]) => value !== undefined);
  return flags.map(([name, value]) => ` --${name} ${quoted(String(value))}`).join('') + (strict ? ' --strict' : '');
}
