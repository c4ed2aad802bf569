import { randomBytes } from 'node:crypto';
import { jobKeysOf } from '@app/core';
import { Environment } from '../environment.js';
import { jobData } from './job-data.config.js';

const KEYS = `one:${randomBytes(32).toString('base64')}`;
const read = (ENCRYPT_PAYLOADS: string | undefined, more: NodeJS.ProcessEnv = { LONGHAUL_SECRET_KEYS: KEYS }) =>
  jobData(new Environment({ ...more, ...(ENCRYPT_PAYLOADS === undefined ? {} : { ENCRYPT_PAYLOADS }) }));

describe('ENCRYPT_PAYLOADS', () => {
  test.each<[string | undefined, string[]]>([
    [undefined, []],
    ['off', []],
    ['all', ['csv.import', 'report.render']],
    ['kinds:csv.import', ['csv.import']],
    ['kinds: report.render , csv.import', ['csv.import', 'report.render']],
  ])('%j encrypts these kinds', (text, kinds) => {
    const data = read(text);
    expect(['csv.import', 'report.render'].filter((kind) => data.seals(kind))).toEqual(kinds);
  });

  test.each(['none', 'kinds:', 'kinds:csv', 'csv.import', 'kinds:csv.import,'])('%j is refused in one line that names it', (text) => {
    expect(() => read(text)).toThrow(/^expected ENCRYPT_PAYLOADS to be all, off, or kinds: and a comma list of kinds, got: [^\n]+$/);
  });

  test('without a key stops the start', () => {
    expect(() => read('all', {})).toThrow('expected LONGHAUL_SECRET_KEYS to be set, for ENCRYPT_PAYLOADS encrypts with its first key');
    expect(read('off', {}).isOn).toBe(false);
  });

  test('that is off reads what was encrypted before', () => {
    const stored = read('all').seal('{"a":1}', 'place');
    expect(read('off').open(stored, 'place')).toBe('{"a":1}');
  });

  test('of a process of its own reads what its worker has encrypted, with keys that its worker has made', () => {
    const child = read('all', { LONGHAUL_JOB_KEYS: jobKeysOf(KEYS) });
    expect(child.open(read('all').seal('{"a":1}', 'place'), 'place')).toBe('{"a":1}');
  });
});
