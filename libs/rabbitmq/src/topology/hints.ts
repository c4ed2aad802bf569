import { EXCHANGES } from '@app/contracts';
import type { Part } from './topology.js';

/**
 * A fanout exchange between Longhaul's own processes that carries ids of jobs, neither persistent nor confirmed. A hint says "look at the database
 * sooner": one that is lost, late, doubled or forged changes nothing else.
 */
export interface Hints {
  exchange: string;
  parts: readonly Part[];
  /** Whose ids these are, for the log … */
  of: string;
  /** … and what it means that none are told, or none are heard. */
  untold: string;
  unheard: string;
}

function fanout(exchange: string, texts: Pick<Hints, 'of' | 'untold' | 'unheard'>): Hints {
  return { exchange, parts: [{ type: 'exchange', name: exchange, of: 'fanout' }], ...texts };
}

/** Jobs that have a new event, for those who follow them. */
export const CHANGES = fanout(EXCHANGES.changes, {
  of: 'changed jobs',
  untold:
    'Without it waits (Prefer: wait) and streams of other gateways hear of jobs that change here only when they look at the database, some seconds later.',
  unheard:
    'Without it waits (Prefer: wait) and streams here hear of jobs that change in other processes only when they look at the database, some seconds later.',
});

/** Running jobs that were asked to stop, for their workers. None of them: something was asked of a worker itself, such as to drain. */
export const CONTROL = fanout(EXCHANGES.control, {
  of: 'jobs that were asked to stop',
  untold: 'Without it workers hear of jobs that are cancelled here at their next heartbeat, a second later.',
  unheard: 'Without it this worker hears of jobs that are cancelled at its next heartbeat, a second later.',
});
