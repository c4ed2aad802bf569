import type { Limit, LimitDetail, LimitSettings } from '@app/client';
import type { Invocation } from './arguments.js';
import type { Gateway } from './ask.js';
import { COMMANDS } from './commands.js';
import { exportLimits, importLimits } from './limit-file.js';
import { aligned } from './table.js';
import { given, type Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';

const ACTIONS = COMMANDS.limits.actions;
type Action = (typeof ACTIONS)[number];

/** `limits`, and what can be done with one. What a value may be is said by the gateway. */
export async function limits({ operands, values }: Pick<Invocation, 'operands' | 'values'>, gateway: Gateway, tools: Tools): Promise<number> {
  const [action, name] = operands;
  const { longhaul, terminal, json, signal } = tools;
  if (action === undefined) {
    const { items } = await longhaul.listLimits({ signal });
    if (json) terminal.json({ items });
    else if (items.length === 0) terminal.say('no limits; longhaul limits set <name> --kind <kind> --concurrency <n> makes one');
    else for (const line of table(items)) terminal.print(line);
    return EXIT.ok;
  }
  if (!isAction(action)) throw new UsageError(`expected limits, or limits ${ACTIONS.join('|')} <name>, got: limits ${action}`);
  if (action === 'export') return exportLimits(name ?? '', tools);
  if (name === undefined && action === 'import') throw new UsageError('expected a file, or - for stdin: longhaul limits import <file>');
  if (name === undefined) throw new UsageError(`expected the name of a limit: longhaul limits ${action} <name>`);
  const show = (limit: LimitDetail): number => {
    if (json) terminal.json(limit);
    else for (const line of [...table([limit]), ...keyLines(limit)]) terminal.print(line);
    if (limit.links.rekey !== undefined && !json) terminal.say(`${limit.links.rekey} is the job that puts jobs which wait already under it`);
    return EXIT.ok;
  };
  switch (action) {
    case 'get':
      return show(await longhaul.getLimit(name, { signal }));
    case 'set':
      return show(await longhaul.putLimit(name, settings(values), { signal }));
    case 'override': {
      if (values['end'] === true) return show(await longhaul.endLimitOverride(name, { signal }));
      const { until } = values;
      if (typeof until !== 'string' || values['concurrency'] === undefined) throw new UsageError('expected --concurrency <n> and --until <time>, or --end');
      return show(await longhaul.overrideLimit(name, { concurrency: numeric(values, 'concurrency') as number, until }, { signal }));
    }
    case 'import':
      return importLimits(name, values['dry-run'] === true, gateway, tools);
    case 'delete': {
      const deleted = await longhaul.deleteLimit(name, { signal });
      if (json) terminal.json(deleted);
      else terminal.print(`deleted ${name}`);
      return EXIT.ok;
    }
  }
}

function isAction(text: string): text is Action {
  return (ACTIONS as readonly string[]).includes(text);
}

function settings(values: Invocation['values']): LimitSettings {
  const { kind, queue, tag, per, rate } = values as Record<string, string | undefined>;
  const numbers = { concurrency: numeric(values, 'concurrency'), burst: numeric(values, 'burst') };
  return { match: given({ kind, queue, tag }), ...given({ per, rate, ...numbers }), ...(values['strict'] === true ? { strict: true } : {}) };
}

/** Also 0 and less, which the gateway refuses in its own words. */
function numeric(values: Invocation['values'], name: string): number | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^-?\d{1,9}$/.test(value)) throw new UsageError(`expected --${name} to be a whole number, got: ${String(value)}`);
  return Number(value);
}

function table(limits: readonly Limit[]): string[] {
  const rows = limits.map((limit) => [
    limit.name,
    limit.capacity === null ? '-' : String(limit.capacity),
    limit.rate === null ? '-' : limit.rate,
    String(limit.held),
    String(limit.parked),
    [matchText(limit), ...notes(limit)].join('; '),
  ]);
  return aligned([['NAME', 'CAPACITY', 'RATE', 'RUNNING', 'WAITING', 'FOR'], ...rows]);
}

function matchText({ match, per }: Limit): string {
  const of = Object.entries(match).map(([name, value]) => `${name} ${String(value)}`);
  return `${of.length === 0 ? 'every job' : of.join(', ')}${per === null ? '' : `, per ${per}`}`;
}

function notes({ override, draining, origin, nextStartAt }: Limit): string[] {
  return [
    ...(override ? [`overridden until ${override.until}`] : []),
    ...(draining > 0 ? [`${draining} too many, which run to their end`] : []),
    ...(nextStartAt === null ? [] : [`next start ${nextStartAt}`]),
    ...(origin === 'api' ? [] : [origin]),
  ];
}

function keyLines({ keys, per }: LimitDetail): string[] {
  if (per === null || keys.length === 0) return [];
  return aligned([['KEY', 'RUNNING', 'WAITING', 'NEXT START'], ...keys.map((use) => [use.key, String(use.held), String(use.parked), use.nextStartAt ?? '-'])]);
}
