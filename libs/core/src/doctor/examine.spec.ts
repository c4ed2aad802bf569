import { examine, FURTHER_RULES, type Standing } from './examine.js';
import { RULES } from './rules.js';

const WELL: Standing = {
  broker: 'up',
  databaseMs: 1,
  queues: [],
  lastMinute: new Map(),
  lateWorkers: 0,
  exceeded: [],
  failures: [],
  failingSchedules: [],
  lateSchedules: [],
  workers: [],
  missingRights: [],
  brokerDenies: [],
  open: false,
};

const worker = (name: string, version: string, kinds: string[] = []): Standing['workers'][number] => ({
  id: 1 as never,
  name,
  late: false,
  details: { version, abandoned: kinds.map((kind) => ({ kind })) } as never,
});

/** For each rule what it is to find. */
const ILL: Record<string, [Partial<Standing>, string]> = {
  schedule_failing: [
    { failingSchedules: [{ id: 'acme\na b', pauseReason: '3 times in a row its job has failed or was refused' }] },
    'Schedule a b of tenant acme is paused: 3 times in a row its job has failed',
  ],
  schedule_late: [
    { lateSchedules: [{ id: 'acme\nnightly', unreadable: 'expected LONGHAUL_SECRET_KEYS to have the key former' }] },
    'Schedule nightly of tenant acme is due, and its tick does not come: expected LONGHAUL_SECRET_KEYS to have the key former.',
  ],
  handler_abandoned: [
    { workers: [worker('w:1', '1', ['csv.import', 'csv.import']), worker('w:2', '1')] },
    'Worker w:1 still runs code of 2 ended attempts (csv.import).',
  ],
  versions_differ: [{ workers: [worker('w:1', '2'), worker('w:2', '1'), worker('w:3', '2')] }, 'Workers of the versions 1 and 2 run.'],
  database_denies: [
    { missingRights: ['longhaul.outbox (DELETE)'] },
    'The role with which this gateway connects to PostgreSQL lacks a right on longhaul.outbox (DELETE).',
  ],
  broker_denies: [{ brokerDenies: ['Access refused. Without it waits are slower.'] }, 'Access refused. Without it waits are slower.'],
  open_port: [{ open: true }, 'Whoever reaches this gateway may do everything'],
};

test('an examination has all rules, those of the verdict first, and none finds anything where all is well', () => {
  const rules = examine(WELL);
  expect(rules.map(({ code }) => code)).toEqual([...RULES, ...FURTHER_RULES].map(({ code }) => code));
  expect(rules.filter(({ found }) => found.length > 0)).toEqual([]);
  expect(new Set(rules.map(({ code }) => code)).size).toBe(rules.length);
});

test.each(FURTHER_RULES.map(({ code }) => code))('%s finds what it is for, says it in a sentence, and what to do', (code) => {
  const [facts, says] = ILL[code] as [Partial<Standing>, string];
  const [rule, ...more] = examine({ ...WELL, ...facts }).filter(({ found }) => found.length > 0);
  expect(more).toEqual([]);
  expect(rule).toMatchObject({ code, found: [{ message: expect.stringContaining(says) as unknown, link: expect.stringMatching(/^\//) as unknown }] });
  for (const text of [rule?.wrong, rule?.seen, rule?.fix]) expect(text).not.toBe('');
});

test('a schedule is where a key for all tenants finds it', () => {
  const failingSchedules = ['a b', 'acme\na b'].map((id) => ({ id, pauseReason: null }));
  const [rule] = examine({ ...WELL, failingSchedules }).filter(({ found }) => found.length > 0);
  expect(rule?.found.map(({ link }) => link)).toEqual(['/schedules/a%20b', '/schedules/a%20b?tenant=acme']);
});

test('an examination names twenty of one kind at most', () => {
  const failingSchedules = Array.from({ length: 30 }, (_, n) => ({ id: `s${n}`, pauseReason: null }));
  expect(examine({ ...WELL, failingSchedules }).find(({ code }) => code === 'schedule_failing')?.found).toHaveLength(20);
});
