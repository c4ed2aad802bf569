import { readFile, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { ProblemError, type Schedule, type ScheduleSettings, writeJson } from '@app/client';
import { isNoName } from './arguments.js';
import { readExactly, utf8 } from './json-text.js';
import { counted } from './table.js';
import type { Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';

/** The schedules that were set through the API, as a file that people keep beside their code. Those in code are there already. */
interface ScheduleFile {
  schedules: Record<string, ScheduleSettings>;
}

/** To a file, or to stdout where none is named. */
export async function exportSchedules(file: string, { longhaul, terminal, json, signal }: Tools): Promise<number> {
  const schedules: ScheduleFile['schedules'] = {};
  for await (const { id, origin } of longhaul.schedules.all({ limit: 200 }, { signal }))
    if (origin === 'api') schedules[id] = settingsOf(await longhaul.schedules.get(id, { signal }));
  const text = `${writeJson({ schedules }, 2)}\n`;
  if (file === '') terminal.print(text.trimEnd());
  else {
    await writeFile(file, text);
    if (json) terminal.json({ exported: Object.keys(schedules).length, file });
    else terminal.print(`wrote ${counted(Object.keys(schedules).length, 'schedule')} to ${file}`);
  }
  return EXIT.ok;
}

function settingsOf(schedule: Schedule): ScheduleSettings {
  const { kind, payload, spec, options, description, overlap, missed, missedWindow, jitter, startsAt, endsAt, pauseAfterFailures } = schedule;
  return {
    kind,
    spec,
    payload: payload as ScheduleSettings['payload'],
    ...(Object.keys(options).length === 0 ? {} : { options }),
    ...(description === '' ? {} : { description }),
    ...{ overlap, missed, missedWindow, jitter },
    ...(startsAt === null ? {} : { startsAt }),
    ...(endsAt === null ? {} : { endsAt }),
    ...(pauseAfterFailures === null ? {} : { pauseAfterFailures }),
  };
}

/** Sets each schedule of a file. Those that the file does not name stay. Exit code 4 when some were refused; the others are set. */
export async function importSchedules(file: string, dryRun: boolean, { longhaul, terminal, json, signal, stdin }: Tools): Promise<number> {
  const entries = Object.entries(await read(file, stdin));
  const refused: { id: string; detail: string }[] = [];
  const done: { id: string; became: 'created' | 'changed' | 'unchanged' }[] = [];
  for (const [id, settings] of entries) {
    if (isNoName(id)) {
      refused.push({ id, detail: `${JSON.stringify(id)} is no id of a schedule` });
      continue;
    }
    const before = await longhaul.schedules.get(id, { signal }).catch((error: unknown) => {
      if (error instanceof ProblemError && error.status === 404) return undefined;
      throw error;
    });
    const same = before !== undefined && isSame(before, settings);
    const became = before === undefined ? 'created' : same ? 'unchanged' : 'changed';
    try {
      if (!dryRun && !same) await longhaul.schedules.put(id, settings, { signal, expected: before === undefined ? 'none' : before.revision });
      done.push({ id, became });
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status >= 500) throw error;
      refused.push({ id, detail: [error.message, ...error.errors.map(({ pointer, detail }) => `${pointer} ${detail}`)].join('; ') });
    }
  }
  if (json) terminal.json({ schedules: done, refused, dryRun });
  else for (const { id, became } of done) terminal.print(`${dryRun && became !== 'unchanged' ? 'would be ' : ''}${became} ${id}`);
  if (!json) for (const { id, detail } of refused) terminal.say(`refused ${id}: ${detail}`);
  return refused.length > 0 ? EXIT.refused : EXIT.ok;
}

/** Whether the gateway has it so already. What it would refuse, such as a field whose name is not quite one, is for it to refuse. */
function isSame(before: Schedule, settings: ScheduleSettings): boolean {
  const filledIn = defaults();
  const known = ['kind', 'payload', 'spec', ...Object.keys(filledIn)];
  const written = Object.entries((settings as ScheduleSettings | null) ?? {}) as [string, unknown][];
  if (written.some(([name, value]) => value === null || !known.includes(name))) return false;
  return writeJson(settingsOf(before)) === writeJson(settingsOf({ ...filledIn, ...settings } as Schedule));
}

/** What a gateway fills in. */
function defaults(): Partial<Schedule> {
  return {
    options: {},
    description: '',
    overlap: 'skip',
    missed: 'last',
    missedWindow: 86_400_000,
    jitter: 0,
    startsAt: null,
    endsAt: null,
    pauseAfterFailures: null,
  };
}

async function read(file: string, stdin: NodeJS.ReadableStream): Promise<ScheduleFile['schedules']> {
  const bytes = await (file === '-' ? buffer(stdin) : readFile(file)).catch(() => {
    throw new UsageError(`expected a file ${file} that can be read, got none`);
  });
  const written = readExactly(utf8(bytes, file), file) as Partial<ScheduleFile> | null;
  const { schedules } = written ?? {};
  if (typeof schedules === 'object' && (schedules as object | null) !== null && !Array.isArray(schedules) && Object.keys(schedules).length > 0)
    return schedules;
  throw new UsageError(`expected ${file} to have {"schedules": {"<id>": {…}}}, as longhaul schedules export writes it`);
}
