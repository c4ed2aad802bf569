import type { FailureGroup } from '../stats/stats-store.js';
import { examine, RULE_CODES, type Standing } from './examine.js';
import type { Found, Level } from './rules.js';

/** Rules of which nobody is told: they are what somebody has decided, or an order of the day. `ALERT_RULES` may name them all the same. */
const QUIET: ReadonlySet<string> = new Set(['queue_paused', 'database_slow', 'worker_late', 'versions_differ', 'open_port']);

/** What an alert has from the rule that opened it. */
export interface AlertCause extends Found {
  /** The code of the rule. */
  rule: string;
  level: Level;
  /** What to do. */
  fix: string;
}

/** Something that is not well, for as long as it is not. Of one rule, each place has an alert of its own. */
export interface Alert extends AlertCause {
  /** A UUID. */
  id: string;
  openedAt: Date;
  endedAt: Date | null;
}

/** An alert as it is listed. */
export interface ListedAlert extends Alert {
  /** When somebody was told; null where nobody was, or wants to be. */
  toldAt: Date | null;
}

/** What is listed: the newest first, those opened before the alert `before`. */
export interface AlertFilter {
  state: 'open' | 'ended' | 'all';
  rule: string | null;
  before: string | null;
  limit: number;
}

/** Tells operators of alerts, in the transaction that notes that they were told. */
export type TellAlerts<Transaction> = (alerts: Alert[], transaction: Transaction) => Promise<void>;

export interface AlertStore<Transaction = unknown> {
  /** Each cause is found now: its alert goes on, or is opened. Any number of processes may say so at once. */
  found(causes: readonly AlertCause[]): Promise<void>;
  /**
   * Hands to `tell` the alerts that nobody was told of and that have been found for `afterSeconds`, and, with `endedAt`, those that were told and that
   * nobody has found for `quietSeconds`. What `tell` writes is there once, or, when anything fails, not at all. One that was found for less is
   * forgotten when it ends. Returns how many were told.
   */
  tell(afterSeconds: number, quietSeconds: number, tell: TellAlerts<Transaction>): Promise<number>;
  /** The same where nobody wants to be told: alerts end, and are kept, and those that go on are told to whoever wants to be later. */
  end(afterSeconds: number, quietSeconds: number): Promise<void>;
  /** Those that were told, or have been found for `afterSeconds`. */
  list(afterSeconds: number, filter: AlertFilter): Promise<ListedAlert[]>;
}

/** The codes of all rules that may be told, and of those that are when nothing else is configured. */
export const ALERT_RULES: Readonly<Record<'all' | 'usual', readonly string[]>> = { all: RULE_CODES, usual: RULE_CODES.filter((code) => !QUIET.has(code)) };

/** What is told of an installation in this state, by these rules. Dead letters are told by their kind and reason, each group by itself. */
export function alertCauses(standing: Standing, rules: ReadonlySet<string>): AlertCause[] {
  return examine(standing)
    .filter(({ code }) => rules.has(code))
    .flatMap(({ code, level, fix, found }) => {
      const causes = code === 'new_failures' ? standing.failures.filter(({ open }) => open > 0).map(failed) : found;
      return causes.map(({ message, link }) => ({ rule: code, level, fix, message, link }));
    });
}

function failed({ source, kind, reason, open }: FailureGroup): Found {
  const what = source === 'job' ? `${open === 1 ? 'A job' : `${open} jobs`} of ${String(kind)}` : open === 1 ? 'A message' : `${open} messages`;
  const filter = new URLSearchParams({ source, ...(kind === null ? {} : { kind }), reason });
  return { message: `${what} ${open === 1 ? 'has' : 'have'} failed for good in the last hour: ${reason}.`, link: `/dead-letters?${filter.toString()}` };
}
