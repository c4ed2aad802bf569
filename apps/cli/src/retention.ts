import type { Invocation } from './arguments.js';
import { ask, type Gateway } from './ask.js';
import { COMMANDS } from './commands.js';
import { aligned } from './table.js';
import type { Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';
import { whoseQuery } from './whose.js';

interface Times {
  succeededSeconds?: number | null;
  failedSeconds?: number | null;
}

/** What the API says of a rule; the generated types are the client's, which has no calls for them. */
interface Rule extends Times {
  kinds: string;
  tenant: string | null;
  origin: string;
}

interface Rules {
  items: Rule[];
  settings: Required<Times>;
}

const ACTIONS = COMMANDS.retention.actions;
const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const;
const FOR_EVER = 'forever';
const UNSAID = '-';

/** `retention`, `retention list`, `retention set|delete <kinds>`. Which times and kinds there may be is said by the gateway. */
export async function retention(
  { operands, values }: Pick<Invocation, 'operands' | 'values'>,
  gateway: Gateway,
  { terminal, json, signal }: Pick<Tools, 'terminal' | 'json' | 'signal'>,
): Promise<number> {
  const [action = 'list', kinds] = operands;
  if (!(ACTIONS as readonly string[]).includes(action)) throw new UsageError(`expected retention ${ACTIONS.join('|')}, got: retention ${action}`);
  const query = whoseQuery(values);
  if (action === 'list') {
    if (kinds !== undefined) throw new UsageError(`expected nothing more, got: retention list ${kinds}`);
    const rules = await ask<Rules>(gateway, 'GET', `/retention${query}`, { signal });
    if (json) terminal.json(rules);
    else for (const line of table(rules)) terminal.print(line);
    return EXIT.ok;
  }
  if (kinds === undefined) throw new UsageError(`expected a kind, a prefix such as "report.*", or "*" for every kind: longhaul retention ${action} <kinds>`);
  const path = `/retention/${encodeURIComponent(kinds)}${query}`;
  if (action === 'delete') {
    await ask<null>(gateway, 'DELETE', path, { signal });
    if (json) terminal.json({ kinds });
    else terminal.print(`deleted ${kinds}`);
    return EXIT.ok;
  }
  const succeeded = seconds(values, 'succeeded');
  const failed = seconds(values, 'failed');
  if (succeeded === undefined && failed === undefined) throw new UsageError('expected --succeeded <7d|forever>, --failed <30d|forever>, or both');
  const body = { ...(succeeded === undefined ? {} : { succeededSeconds: succeeded }), ...(failed === undefined ? {} : { failedSeconds: failed }) };
  const rule = await ask<Rule>(gateway, 'PUT', path, { body, signal });
  if (json) terminal.json(rule);
  else for (const line of aligned([HEAD, row(rule)])) terminal.print(line);
  return EXIT.ok;
}

const HEAD = ['KINDS', 'TENANT', 'SUCCEEDED', 'FAILED', 'FROM'];

function table({ items, settings }: Rules): string[] {
  return aligned([HEAD, ...items.map(row), ['*', '(all)', timeText(settings.succeededSeconds), timeText(settings.failedSeconds), 'settings']]);
}

function row({ kinds, tenant, succeededSeconds, failedSeconds, origin }: Rule): string[] {
  return [kinds, tenant ?? '(all)', timeText(succeededSeconds), timeText(failedSeconds), origin];
}

/** `90 s`, `36h`, `7d`: in the largest unit that it is whole in. */
function timeText(value: number | null | undefined): string {
  if (value === undefined) return UNSAID;
  if (value === null) return FOR_EVER;
  const unit = (['d', 'h', 'm'] as const).find((each) => value % UNITS[each] === 0) ?? 's';
  return `${String(value / UNITS[unit])}${unit}`;
}

/** Null for ever. */
function seconds(values: Invocation['values'], name: string): number | null | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  if (value === FOR_EVER) return null;
  const [, count, unit] = typeof value === 'string' ? (/^(\d{1,10})([smhdw])$/.exec(value) ?? []) : [];
  if (count === undefined) throw new UsageError(`expected --${name} to be a time such as 90m, 36h, 7d or 4w, or ${FOR_EVER}, got: ${String(value)}`);
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}
