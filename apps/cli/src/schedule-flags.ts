const TEXT = { type: 'string' } as const;

/** The flags of a schedule's rhythm, and the fields of its spec. */
export const SPEC_FLAGS = { cron: 'cron', timezone: 'timezone', every: 'every', anchor: 'anchor', at: 'at' } as const;

/** The flags of texts, and the fields of the settings. */
export const SETTING_FLAGS = {
  kind: 'kind',
  description: 'description',
  overlap: 'overlap',
  missed: 'missed',
  'missed-window': 'missedWindow',
  jitter: 'jitter',
  'starts-at': 'startsAt',
  'ends-at': 'endsAt',
} as const;

/** Those of them that are a length of time. */
export const SPAN_FLAGS: readonly string[] = ['missed-window', 'jitter'];

/** The options of `schedules`. */
export const SCHEDULE_FLAGS = {
  ...texts([...Object.keys(SPEC_FLAGS), ...Object.keys(SETTING_FLAGS)]),
  ...texts(['payload', 'options', 'pause-after-failures', 'revision', 'reason', 'by', 'key', 'from', 'to', 'count', 'tenant']),
  paused: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
} as const;

function texts(names: readonly string[]): Record<string, typeof TEXT> {
  return Object.fromEntries(names.map((name) => [name, TEXT]));
}
