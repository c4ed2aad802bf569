import { randomBytes } from 'node:crypto';
import { isPlatformFault } from '../job/platform-fault.js';
import { AesDataBox, type DataKey, derivedKey, isSealed, JOB_DATA, jobKeysOf, keyList, plainData, sealedLength } from './data-box.js';

const key = (id: string): DataKey => ({ id, bytes: randomBytes(32) });
const [former, current] = [key('former'), key('current')];
const box = (...keys: DataKey[]) => new AesDataBox(keyList(keys), 'all');
const PAYLOAD = '{"card":"4111-canary","name":"Zoë"}';
const PLACE = 'payload of job\n1\nacme';

describe('the data of a job that are sealed', () => {
  const stored = box(former).seal(PAYLOAD, PLACE);

  test('are JSON in which nothing of them can be read, and are opened as they were', () => {
    expect(JSON.parse(stored)).toEqual({ $enc: { k: 'former', c: expect.any(String) } });
    const { $enc } = JSON.parse(stored) as { $enc: { c: string } };
    expect(Buffer.from($enc.c, 'base64').toString('latin1')).not.toContain('canary');
    expect(box(former).open(stored, PLACE)).toBe(PAYLOAD);
    expect(stored.length).toBeLessThanOrEqual(sealedLength(Buffer.byteLength(PAYLOAD)));
  });

  test('are another text each time, also of another process', () => {
    const one = box(former);
    expect(new Set([stored, one.seal(PAYLOAD, PLACE), one.seal(PAYLOAD, PLACE), box(former).seal(PAYLOAD, PLACE)]).size).toBe(4);
  });

  test.each(['payload of job\n2\nacme', 'payload of job\n1\nother', 'result of job\n1\nacme'])('cannot be opened in another place: %j', (place) => {
    expect(() => box(former).open(stored, place)).toThrow(/^expected the key former of LONGHAUL_SECRET_KEYS to open [^\n]+$/);
  });

  test('cannot be opened when any character of them was changed', () => {
    const from = stored.indexOf('"c":"') + 5;
    const until = stored.indexOf('"}}');
    // The last character of base64 may have bits that no byte needs.
    for (let at = from; at < until - 4; at++) {
      const other = stored[at] === 'A' ? 'B' : 'A';
      expect(() => box(former).open(stored.slice(0, at) + other + stored.slice(at + 1), PLACE)).toThrow('LONGHAUL_SECRET_KEYS');
    }
    expect(() => box(former).open(`${stored.slice(0, from)}AAAA"}}`, PLACE)).toThrow('changed in the database');
  });

  test('are read with their own key while the newest one seals', () => {
    const both = box(current, former);
    expect(both.open(stored, PLACE)).toBe(PAYLOAD);
    expect(JSON.parse(both.seal(PAYLOAD, PLACE))).toMatchObject({ $enc: { k: 'current' } });
  });

  test('tell which key is missing, and that is the fault of the platform', () => {
    let thrown: unknown;
    try {
      box(current).open(stored, PLACE);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'unavailable', message: expect.stringContaining('to have the key former') });
    expect(isPlatformFault(thrown)).toBe(true);
    expect(() => plainData().open(stored, PLACE)).toThrow('to have the key former');
  });

  test('may be bytes of any kind', () => {
    const bytes = randomBytes(5_000);
    expect(box(current).openBytes(box(current).seal(bytes, PLACE), PLACE)).toEqual(bytes);
    expect(box(current).open(box(current).seal('', PLACE), PLACE)).toBe('');
  });
});

test("a caller's own object with the member of an envelope is no envelope", () => {
  const own = box(former).seal(PAYLOAD, PLACE).trim();
  expect(isSealed(own)).toBe(false);
  expect(box(current).open(own, PLACE)).toBe(own);
});

test('what is sealed depends on the kind, and what Longhaul tells of jobs is sealed with any', () => {
  const some = new AesDataBox(keyList([current]), new Set(['a.b']));
  expect(['a.b', 'a.c', 'longhaul.email', null].map((kind) => some.seals(kind))).toEqual([true, false, true, true]);
  const off = new AesDataBox(keyList([current]), 'off');
  expect(['a.b', 'longhaul.email', null].map((kind) => off.seals(kind))).toEqual([false, false, false]);
  expect([off.isOn, plainData().isOn, box().isOn, some.isOn]).toEqual([false, false, false, true]);
});

test('a source may learn a new key while the process runs, as one of a KMS does', () => {
  const keys = [former];
  const source = { current: () => keys[0], find: (id: string) => keys.find((each) => each.id === id), all: () => keys };
  const live = new AesDataBox(source, 'all');
  const before = live.seal(PAYLOAD, PLACE);
  keys.unshift(current);
  expect(JSON.parse(live.seal(PAYLOAD, PLACE))).toMatchObject({ $enc: { k: 'current' } });
  expect(live.open(before, PLACE)).toBe(PAYLOAD);
});

test('a process of its own gets keys that open the data of jobs, and are not those of its worker', () => {
  const list = `current:${Buffer.from(current.bytes).toString('base64')}, broken, former:${Buffer.from(former.bytes).toString('base64')}`;
  const made = jobKeysOf(list).split(',');
  expect(made.map((entry) => entry.split(':')[0])).toEqual(['current', 'former']);
  for (const { bytes } of [former, current]) expect(jobKeysOf(list)).not.toContain(Buffer.from(bytes).toString('base64'));
  const child = box(...made.map((entry) => ({ id: entry.split(':')[0] ?? '', bytes: Buffer.from(entry.split(':')[1] ?? '', 'base64') })));
  const worker = box(derivedKey(current, JOB_DATA));
  expect(child.open(worker.seal(PAYLOAD, PLACE), PLACE)).toBe(PAYLOAD);
  expect(jobKeysOf('a:b')).toBe('');
});
