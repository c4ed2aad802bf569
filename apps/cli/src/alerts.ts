import { type Invocation, numeric } from './arguments.js';
import { ask, type Gateway } from './ask.js';
import { oneLine } from './table.js';
import type { Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';

/** What the API says of alerts; the generated types are the client's, which has no call for them. */
interface AlertPage {
  items: { rule: string; level: string; message: string; fix: string; openedAt: string; endedAt: string | null }[];
  nextCursor: string | null;
  told: boolean;
}

const UNTOLD = 'nobody is told of alerts: docs/operate/alerts.md says how to be';

/** `alerts`: what is not well since when, and what to do; `--ended` what was, `--all` both. */
export async function alerts(
  { operands, values }: Pick<Invocation, 'operands' | 'values'>,
  gateway: Gateway,
  { terminal, json, signal }: Pick<Tools, 'terminal' | 'json' | 'signal'>,
): Promise<number> {
  if (operands.length > 0) throw new UsageError(`expected nothing more, got: alerts ${operands.join(' ')}; --rule <code> chooses those of a rule`);
  if (values['ended'] === true && values['all'] === true) throw new UsageError('expected --ended or --all, got both: --all lists those that have ended, too');
  const state = values['all'] === true ? 'all' : values['ended'] === true ? 'ended' : 'open';
  const query = new URLSearchParams({ state });
  for (const name of ['rule', 'cursor'] as const) if (typeof values[name] === 'string') query.set(name, values[name]);
  const limit = numeric(values, 'limit');
  if (limit !== undefined) query.set('limit', String(limit));
  const page = await ask<AlertPage>(gateway, 'GET', `/alerts?${query.toString()}`, { signal });
  if (json) terminal.json(page);
  else {
    if (page.items.length === 0) terminal.say(state === 'open' ? 'no alert is open' : 'no alert has ended within 30 days');
    for (const line of page.items.flatMap(linesOf)) terminal.print(line);
    if (page.nextCursor !== null) terminal.say(`there are more: --cursor ${page.nextCursor}`);
    if (!page.told) terminal.say(UNTOLD);
  }
  return EXIT.ok;
}

function linesOf({ rule, level, message, fix, openedAt, endedAt }: AlertPage['items'][number]): string[] {
  const when = endedAt === null ? `since ${openedAt}` : `${openedAt} to ${endedAt}`;
  return [`${level} ${rule}, ${when}: ${oneLine(message)}`, ...(endedAt === null ? [`  ${fix}`] : [])];
}
