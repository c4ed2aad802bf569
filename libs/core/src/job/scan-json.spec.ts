import fc from 'fast-check';
import { countPairs, memberText, scanJson } from './scan-json.js';

const wide = { maxMembers: 1_000_000 };

/** JSON as people and programs write it: with white space, escapes and any name. */
const text = fc.tuple(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t')).map(([value, indent]) => JSON.stringify(value, null, indent));

describe('the shape of a JSON text', () => {
  test('has as many pairs as the value that a parser makes of it (E21)', () => {
    fc.assert(fc.property(text, (json) => expect(scanJson(json, wide).pairs).toBe(countPairs(JSON.parse(json)))));
  });

  test('gives each member of the outermost object its own text (C2)', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 2), (object, indent) => {
        const json = JSON.stringify(object, null, indent);
        const { members } = scanJson(json, wide);
        const read = JSON.parse(json) as Record<string, unknown>;
        expect(members).toHaveLength(Object.keys(read).length);
        for (const name of Object.keys(read)) expect(JSON.parse(memberText(json, members, name) ?? '')).toEqual(read[name]);
        expect(memberText(json, members, 'a name that no object here has')).toBeUndefined();
      }),
    );
  });

  test.each(['payload', 'a"b', 'a\\b', 'ä', ''])('finds a member %j whose name is written with escapes', (name) => {
    const escaped = [...Array(name.length).keys()].map((at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
    const json = `{"other" : 1, "${escaped}" : [ 2 ] }`;
    expect(memberText(json, scanJson(json, wide).members, name)).toBe('[ 2 ]');
  });

  test('gives each entry of a batch its own text (C2)', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.jsonValue(), (jobs, other) => {
        const json = JSON.stringify({ other, jobs, more: { jobs } }, null, 1);
        const { entries } = scanJson(json, { ...wide, entriesOf: 'jobs' });
        expect(entries.map((place) => JSON.parse(json.slice(...place)) as unknown)).toEqual((JSON.parse(json) as { jobs: unknown[] }).jobs);
      }),
    );
  });

  test('counts members, and objects and arrays within arrays; not the numbers of an array (E6)', () => {
    const excess = (json: string) => scanJson(json, { maxMembers: 10 }).excess;
    const members = (count: number) => `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join()}}`;
    expect(excess(members(10))).toBeUndefined();
    expect(excess(members(11))).toEqual({ pointer: '', detail: expect.stringContaining('more than 10 members') });
    expect(excess(`[${Array(11).fill('[]').join()}]`)).toBeDefined();
    expect(excess(`[${Array(11).fill('{}').join()}]`)).toBeDefined();
    expect(excess(JSON.stringify(Array(1_000).fill(1)))).toBeUndefined();
    expect(excess(JSON.stringify({ text: '{":[{":'.repeat(100) }))).toBeUndefined();
  });

  test('counts each job of a batch for itself, and names the one that has too many (E6)', () => {
    const bounds = { maxMembers: 5, entriesOf: 'jobs' };
    const job = { kind: 'a.b', payload: { a: 1, b: 2 } };
    expect(scanJson(JSON.stringify({ jobs: Array(50).fill(job) }), bounds).excess).toBeUndefined();
    expect(scanJson(JSON.stringify({ jobs: [job, job, { ...job, payload: { a: 1, b: 2, c: 3, d: 4 } }] }), bounds).excess?.pointer).toBe('/jobs/2');
  });

  test('is given up at a depth that nobody may use, however the brackets come (E6)', () => {
    expect(scanJson('['.repeat(400_000), wide).excess?.detail).toContain('nested deeper');
    expect(scanJson('{"a":'.repeat(100_000), wide).excess?.detail).toContain('nested deeper');
    expect(scanJson(`${'['.repeat(64)}${']'.repeat(64)}`, wide).excess).toBeUndefined();
  });

  test('of a text that is no JSON is something, and no error', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]:,"\\a1 ') }), (json) => {
        scanJson(json, { maxMembers: 20, entriesOf: 'jobs' });
      }),
    );
  });
});
