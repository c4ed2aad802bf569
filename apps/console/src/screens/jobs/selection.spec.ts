import { touched } from './selection';

const jobs = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));
const after = (chosen: string[], id: string, from: string | null): string => [...touched(jobs, new Set(chosen), id, from)].sort().join('');

describe('a selection of jobs', () => {
  test('takes one, and leaves it out when it is touched again', () => {
    expect(after([], 'b', null)).toBe('b');
    expect(after(['b', 'c'], 'b', null)).toBe('c');
  });

  test('takes all between two, whichever of them comes first, and leaves all of them out again', () => {
    expect(after(['b'], 'd', 'b')).toBe('bcd');
    expect(after(['d'], 'b', 'd')).toBe('bcd');
    expect(after(['a', 'b', 'c', 'd'], 'd', 'b')).toBe('a');
  });

  test('takes one alone where the other is on the list no more', () => {
    expect(after([], 'c', 'gone')).toBe('c');
  });
});
