import type { Schedule, Scheduled, ScheduleRun, ScheduleSettings, ScheduleSpec } from '@app/client';
import type { Invocation } from './arguments.js';
import { ask, type Gateway } from './ask.js';
import { readPayload } from './payload.js';
import { given, type Tools } from './tools.js';
import { spanValue } from './option-flags.js';
import { SETTING_FLAGS, SPAN_FLAGS, SPEC_FLAGS } from './schedule-flags.js';
import { exportSchedules, importSchedules } from './schedule-file.js';
import { COMMANDS } from './commands.js';
import { aligned } from './table.js';
import { EXIT, UsageError } from './usage.js';
import { refuseWhose, whose, whoseQuery } from './whose.js';

const ACTIONS = COMMANDS.schedules.actions;
type Action = (typeof ACTIONS)[number];
const WITHOUT_ID: readonly Action[] = ['list', 'preview', 'export'];

/** `schedules` and what can be done with one. What a value may be is said by the gateway. */
export async function schedules({ operands, values }: Pick<Invocation, 'operands' | 'values'>, gateway: Gateway, tools: Tools): Promise<number> {
  const [action = 'list', id = ''] = operands;
  if (!isAction(action)) throw new UsageError(`expected schedules ${ACTIONS.join('|')}, got: schedules ${action}`);
  if (id === '' && !WITHOUT_ID.includes(action))
    throw new UsageError(
      action === 'import' ? 'expected a file, or - for stdin: longhaul schedules import <file>' : `expected an id: longhaul schedules ${action} <id>`,
    );
  refuseWhose('schedules', action, values, ['list', 'show']);
  const { longhaul, terminal, json, signal, stdin } = tools;
  const { schedules } = longhaul;
  const show = (schedule: Schedule): number => {
    if (json) terminal.json(schedule);
    else for (const line of scheduleLines(schedule)) terminal.print(line);
    return EXIT.ok;
  };
  switch (action) {
    case 'list':
      return list(values, tools);
    case 'show':
      return show(await ask<Schedule>(gateway, 'GET', `/schedules/${encodeURIComponent(id)}${whoseQuery(values)}`, { signal }));
    case 'put': {
      const expected = revisionOf(values);
      return show(await schedules.put(id, await settings(values, stdin), { signal, ...(expected === undefined ? {} : { expected }) }));
    }
    case 'pause':
      return show(await schedules.pause(id, given({ reason: text(values, 'reason'), by: text(values, 'by') }), { signal }));
    case 'resume':
      return show(await schedules.resume(id, { signal }));
    case 'trigger': {
      const key = text(values, 'key');
      const made = await schedules.trigger(id, { signal, ...(key === undefined ? {} : { idempotencyKey: key }) });
      if (json) terminal.json(made);
      else terminal.print(made.jobId);
      return EXIT.ok;
    }
    case 'backfill':
      return backfill(id, values, tools);
    case 'delete': {
      await schedules.delete(id, { signal });
      if (json) terminal.json({ deleted: id });
      else terminal.print(`deleted ${id}`);
      return EXIT.ok;
    }
    case 'preview': {
      const count = numeric(values, 'count');
      const runs = await schedules.preview(spec(values), { signal, ...(count === undefined ? {} : { count }) });
      if (json) terminal.json({ nextRuns: runs });
      else for (const line of runLines(runs)) terminal.print(line);
      return EXIT.ok;
    }
    case 'export':
      return exportSchedules(id, tools);
    case 'import':
      return importSchedules(id, values['dry-run'] === true, gateway, tools);
  }
}

function isAction(text: string): text is Action {
  return (ACTIONS as readonly string[]).includes(text);
}

async function list(values: Invocation['values'], { longhaul, terminal, json, signal }: Tools): Promise<number> {
  const filter = given({ kind: text(values, 'kind'), paused: values['paused'] === true ? true : undefined, ...whose(values) });
  const items: Scheduled[] = [];
  for await (const schedule of longhaul.schedules.all({ ...filter, limit: 200 }, { signal })) items.push(schedule);
  if (json) terminal.json({ items });
  else if (items.length === 0) terminal.say('no schedules; longhaul schedules put <id> --kind <kind> --cron "0 3 * * *" makes one');
  else for (const line of table(items)) terminal.print(line);
  return EXIT.ok;
}

/** Exit code 4 when some of the ticks were refused. */
async function backfill(id: string, values: Invocation['values'], { longhaul, terminal, json, signal }: Tools): Promise<number> {
  const [from, to] = [text(values, 'from'), text(values, 'to')];
  if (from === undefined || to === undefined) throw new UsageError('expected --from <time> and --to <time>, such as 2026-01-31T08:00:00Z');
  const dryRun = values['dry-run'] === true;
  // Thousands of jobs take their time.
  const done = await longhaul.schedules.backfill(id, { from, to, dryRun }, { signal, deadlineMs: 600_000 });
  if (json) terminal.json(done);
  else {
    const made = dryRun ? `${done.submitted} jobs would be made` : `made ${done.submitted} jobs`;
    terminal.print(
      `${made} for ${done.ticks} ticks; ${done.skipped} have one already${done.refused > 0 ? `; ${done.refused} were refused: ${done.detail ?? ''}` : ''}`,
    );
  }
  return done.refused > 0 ? EXIT.refused : EXIT.ok;
}

async function settings(values: Invocation['values'], stdin: NodeJS.ReadableStream): Promise<ScheduleSettings> {
  if (text(values, 'kind') === undefined) throw new UsageError('expected --kind <kind>: longhaul schedules put <id> --kind <kind> --cron "0 3 * * *"');
  const fields = Object.fromEntries(
    Object.entries(SETTING_FLAGS).map(([flag, field]) => [field, SPAN_FLAGS.includes(flag) ? spanValue(values[flag]) : text(values, flag)]),
  );
  const options = text(values, 'options');
  return {
    ...given({ ...fields, pauseAfterFailures: numeric(values, 'pause-after-failures') }),
    ...(options === undefined ? {} : { options: await readPayload(options, stdin) }),
    payload: (await readPayload(text(values, 'payload'), stdin)) as ScheduleSettings['payload'],
    spec: spec(values),
  } as ScheduleSettings;
}

function spec(values: Invocation['values']): ScheduleSpec {
  const found = given(
    Object.fromEntries(Object.entries(SPEC_FLAGS).map(([flag, field]) => [field, flag === 'every' ? spanValue(values[flag]) : text(values, flag)])),
  );
  if (Object.keys(found).length === 0) throw new UsageError('expected --cron <pattern> with --timezone <zone>, --every <15m>, or --at <time>');
  return found;
}

function revisionOf(values: Invocation['values']): number | 'none' | undefined {
  return text(values, 'revision') === 'none' ? 'none' : numeric(values, 'revision');
}

function text(values: Invocation['values'], name: string): string | undefined {
  return values[name] as string | undefined;
}

/** Also 0 and less, which the gateway refuses in its own words. */
function numeric(values: Invocation['values'], name: string): number | undefined {
  const value = text(values, name);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,9}$/.test(value)) throw new UsageError(`expected --${name} to be a whole number, got: ${value}`);
  return Number(value);
}

function table(items: readonly Scheduled[]): string[] {
  const rows = items.map((schedule) => [schedule.id, schedule.kind, specText(schedule.spec), schedule.nextTick ?? '-', notes(schedule).join('; ')]);
  return aligned([['ID', 'KIND', 'WHEN', 'NEXT TICK', 'NOTES'], ...rows]);
}

function notes({ paused, pausedBy, pauseReason, failures, origin }: Scheduled): string[] {
  return [
    ...(paused ? [`paused${pausedBy === null ? '' : ` by ${pausedBy}`}${pauseReason === null ? '' : `: ${pauseReason}`}`] : []),
    ...(failures > 0 ? [`${failures} failures in a row`] : []),
    ...(origin === 'api' ? [] : [origin]),
  ];
}

export function specText({ cron, timezone, every, anchor, at }: ScheduleSpec): string {
  if (cron !== undefined) return `${cron} (${timezone ?? 'UTC'})`;
  if (at !== undefined) return `once at ${at}`;
  return `every ${String(every)}${anchor === undefined ? '' : ` from ${anchor}`}`;
}

function scheduleLines(schedule: Schedule): string[] {
  const { id, kind, description, overlap, missed, jitter, revision, nextRuns, ticks } = schedule;
  const facts = [
    ['schedule', `${id}${description === '' ? '' : `: ${description}`}`],
    ['kind', kind],
    ['when', specText(schedule.spec)],
    ['rules', [`overlap ${overlap}`, `missed ${missed}`, ...(jitter > 0 ? [`jitter ${jitter} ms`] : [])].join(', ')],
    ['revision', String(revision)],
    ...notes(schedule).map((note) => ['note', note]),
  ];
  const last = ticks.map((tick) => [tick.tick, tick.source === 'tick' ? tick.outcome : `${tick.outcome} (${tick.source})`, tick.jobId ?? tick.detail ?? '']);
  return [
    ...aligned(facts),
    ...(nextRuns.length === 0 ? [] : ['', ...runLines(nextRuns, schedule.paused ? 'WHEN RESUMED (local)' : NEXT_RUNS)]),
    ...(last.length === 0 ? [] : ['', ...aligned([['LAST TICKS', 'OUTCOME', 'JOB'], ...last])]),
  ];
}

const NEXT_RUNS = 'NEXT RUNS (local)';

function runLines(runs: readonly ScheduleRun[], title = NEXT_RUNS): string[] {
  return aligned([[title, 'UTC', ''], ...runs.map(({ local, tick, note }) => [local, tick, note ?? ''])]);
}
