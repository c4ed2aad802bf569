import type { ScheduleDetail, ScheduleMissed, ScheduleOverlap, SchedulePreviewRequest, ScheduleSettings } from '../../api/api';
import { readExact, writeExact } from '../../api/exact';
import { quoted } from '../../words/quoted';
import { ZONE } from '../../words/words';
import { spanText } from './words';

export type Rhythm = 'cron' | 'every' | 'at';
export type Spec = SchedulePreviewRequest['spec'];

/** What stands in the fields of the form. Times are as the API has them; empty text is nothing. */
export interface Typed {
  id: string;
  kind: string;
  rhythm: Rhythm;
  cron: string;
  timezone: string;
  every: string;
  anchor: string;
  at: string;
  payload: string;
  options: string;
  description: string;
  overlap: ScheduleOverlap;
  missed: ScheduleMissed;
  missedWindow: string;
  jitter: string;
  startsAt: string;
  endsAt: string;
  pauseAfterFailures: string;
}

const NEW: Typed = {
  ...{ id: '', kind: '', rhythm: 'cron', cron: '0 3 * * *', timezone: ZONE, every: '15m', anchor: '', at: '', payload: '{}', options: '' },
  ...{ description: '', overlap: 'skip', missed: 'last', missedWindow: '', jitter: '', startsAt: '', endsAt: '', pauseAfterFailures: '' },
};

const DAY_MS = 86_400_000;

export function typedOf(schedule: ScheduleDetail | undefined): Typed {
  if (!schedule) return NEW;
  const { id, kind, spec, payload, options, description, overlap, missed, missedWindow, jitter, startsAt, endsAt, pauseAfterFailures } = schedule;
  return {
    ...{ id, kind, description, overlap, missed },
    rhythm: spec.cron !== undefined ? 'cron' : spec.at !== undefined ? 'at' : 'every',
    cron: spec.cron ?? NEW.cron,
    timezone: spec.timezone ?? (spec.cron === undefined ? NEW.timezone : 'UTC'),
    every: typeof spec.every === 'number' ? spanText(spec.every) : (spec.every ?? NEW.every),
    anchor: spec.anchor ?? '',
    at: spec.at ?? '',
    payload: writeExact(payload, 2),
    options: Object.keys(options).length === 0 ? '' : writeExact(options, 2),
    // A day is what it is without being said.
    missedWindow: missedWindow === DAY_MS ? '' : spanText(missedWindow),
    jitter: jitter === 0 ? '' : spanText(jitter),
    startsAt: startsAt ?? '',
    endsAt: endsAt ?? '',
    pauseAfterFailures: pauseAfterFailures === null ? '' : String(pauseAfterFailures),
  };
}

export function specOf({ rhythm, cron, timezone, every, anchor, at }: Typed): Spec {
  if (rhythm === 'cron') return { cron: cron.trim(), ...given({ timezone }) };
  return rhythm === 'at' ? { at } : { every: every.trim(), ...given({ anchor }) };
}

/** Throws an `Error` that says which of the JSON texts is none. */
export function settingsOf(typed: Typed): ScheduleSettings {
  const { kind, payload, options, description, overlap, missed, missedWindow, jitter, startsAt, endsAt, pauseAfterFailures } = typed;
  return {
    kind: kind.trim(),
    payload: json('Payload', payload) as ScheduleSettings['payload'],
    spec: specOf(typed),
    ...(options.trim() === '' ? {} : { options: json('Options', options) as NonNullable<ScheduleSettings['options']> }),
    ...given({ description, missedWindow, jitter, startsAt, endsAt }),
    ...{ overlap, missed },
    ...(pauseAfterFailures.trim() === '' ? {} : { pauseAfterFailures: Number(pauseAfterFailures) }),
  };
}

function json(what: string, text: string): unknown {
  try {
    return readExact(text);
  } catch (error) {
    throw new Error(`${what}: expected JSON, got: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function given(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()]])));
}

/** What `longhaul schedules put` takes for them. `revision`: `none` only makes, a number only changes that one. */
export function putFlags(typed: Typed, revision: string): string {
  const { kind, payload, options, description, overlap, missed, missedWindow, jitter, startsAt, endsAt, pauseAfterFailures } = typed;
  const { cron, timezone, every, anchor, at } = specOf(typed);
  const flags = {
    ...{ kind, cron, timezone, every: every === undefined ? undefined : String(every), anchor, at },
    payload: oneLine(payload),
    options: options.trim() === '' ? '' : oneLine(options),
    ...{ description, overlap: overlap === 'skip' ? '' : overlap, missed: missed === 'last' ? '' : missed, 'missed-window': missedWindow, jitter },
    ...{ 'starts-at': startsAt, 'ends-at': endsAt, 'pause-after-failures': pauseAfterFailures, revision },
  };
  return Object.entries(flags)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => ` --${name} ${quoted(value ?? '')}`)
    .join('');
}

function oneLine(text: string): string {
  try {
    return writeExact(readExact(text));
  } catch {
    return text;
  }
}
