import { ProblemError, type Schedule, type ScheduleSettings, writeJson } from '@app/client';
import { ask, type Gateway } from './ask.js';
import { type Became, exportSettings, importSettings } from './setting-file.js';
import type { Tools } from './tools.js';

const SCHEDULES = { of: 'schedules', one: 'schedule', key: 'id' } as const;

/** The schedules that were set through the API. Those in code are beside the code already. */
export async function exportSchedules(file: string, tools: Tools): Promise<number> {
  const { longhaul, signal } = tools;
  const schedules: Record<string, ScheduleSettings> = {};
  for await (const { id, origin } of longhaul.schedules.all({ limit: 200 }, { signal }))
    if (origin === 'api') schedules[id] = settingsOf(await longhaul.schedules.get(id, { signal }));
  return exportSettings(SCHEDULES, schedules, file, tools);
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

export function importSchedules(file: string, dryRun: boolean, gateway: Gateway, tools: Tools): Promise<number> {
  const { longhaul, signal } = tools;
  const set = async (id: string, settings: ScheduleSettings, dryRun: boolean): Promise<Became> => {
    const before = await longhaul.schedules.get(id, { signal }).catch((error: unknown) => {
      if (error instanceof ProblemError && error.status === 404) return undefined;
      throw error;
    });
    // One that has not changed is not sent: a time that has passed would be refused.
    if (before && isSame(before, settings)) return 'unchanged';
    if (dryRun) await ask(gateway, 'POST', `/schedules/${encodeURIComponent(id)}/dry-run`, { body: settings, signal });
    else await longhaul.schedules.put(id, settings, { signal, expected: before?.revision ?? 'none' });
    return before ? 'changed' : 'created';
  };
  return importSettings({ ...SCHEDULES, set }, file, dryRun, tools);
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
