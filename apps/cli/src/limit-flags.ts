const TEXT = { type: 'string' } as const;

/** The options of `limits`. */
export const LIMIT_FLAGS = {
  kind: TEXT,
  queue: TEXT,
  tag: TEXT,
  per: TEXT,
  concurrency: TEXT,
  rate: TEXT,
  burst: TEXT,
  strict: { type: 'boolean' },
  until: TEXT,
  end: { type: 'boolean' },
  reason: TEXT,
  'dry-run': { type: 'boolean' },
} as const;
