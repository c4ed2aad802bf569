import { countChanges, diffLines } from './diff';

const shown = (before: string, after: string): string[] =>
  diffLines(before, after).map(({ what, line, text, mark }) => `${{ same: ' ', del: '-', add: '+' }[what]}${String(line)} ${mark ? `${text.slice(0, mark[0])}[${text.slice(...mark)}]${text.slice(mark[1])}` : text}`); // prettier-ignore

test('a changed line is shown as it was and as it is, with what differs marked', () => {
  expect(shown('{\n  "period": "monthly"\n}', '{\n  "period": "month"\n}')).toEqual([' 1 {', '-2   "period": "month[ly]"', '+2   "period": "month[]"', ' 3 }']);
});

test('lines that were added or taken away leave those around them alone', () => {
  expect(shown('a\nb\nc\nd', 'a\nc\nx\nd')).toEqual([' 1 a', '-2 b', ' 2 c', '+3 x', ' 4 d']);
  expect(shown('', 'x')).toEqual(['-1 []', '+1 [x]']);
  expect(shown('a', 'a')).toEqual([' 1 a']);
});

test('texts that are too large to be compared line by line differ as one piece', () => {
  const lines = (word: string): string => Array.from({ length: 2_100 }, (_, index) => `${word} ${String(index)}`).join('\n');
  expect(countChanges(diffLines(`first\n${lines('a')}\nlast`, `first\n${lines('b')}\nlast`))).toBe(1);
});

test('changes are counted by the places in which they are', () => {
  expect(countChanges(diffLines('a\nb\nc\nd', 'a\nB\nc\nD'))).toBe(2);
  expect(countChanges(diffLines('a', 'a'))).toBe(0);
});
