export interface DiffLine {
  what: 'same' | 'del' | 'add';
  /** Its number: of a deleted line in the former text, else in the new one. */
  line: number;
  text: string;
  /** Where the part of a changed line begins and ends that differs. */
  mark?: readonly [from: number, to: number];
}

/** Beyond this, as lines of one times lines of the other, what differs is taken as one piece. */
const MOST_COMPARED = 4_000_000;

/** What has to be done to the lines of one text so that they become the other. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [from, to] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start++;
  let end = 0;
  while (end < from.length - start && end < to.length - start && from[from.length - 1 - end] === to[to.length - 1 - end]) end++;
  const lines: DiffLine[] = [
    ...from.slice(0, start).map((text, index): DiffLine => ({ what: 'same', line: index + 1, text })),
    ...middle(from.slice(start, from.length - end), to.slice(start, to.length - end), start),
    ...to.slice(to.length - end).map((text, index): DiffLine => ({ what: 'same', line: to.length - end + index + 1, text })),
  ];
  return marked(lines);
}

/** By the longest common subsequence. */
function middle(from: readonly string[], to: readonly string[], start: number): DiffLine[] {
  const del = (index: number): DiffLine => ({ what: 'del', line: start + index + 1, text: from[index] ?? '' });
  const add = (index: number): DiffLine => ({ what: 'add', line: start + index + 1, text: to[index] ?? '' });
  if (from.length * to.length > MOST_COMPARED) return [...from.map((_, index) => del(index)), ...to.map((_, index) => add(index))];
  const width = to.length + 1;
  const common = new Uint32Array((from.length + 1) * width);
  const at = (one: number, other: number): number => common[one * width + other] ?? 0;
  for (let one = from.length - 1; one >= 0; one--) {
    for (let other = to.length - 1; other >= 0; other--)
      common[one * width + other] = from[one] === to[other] ? at(one + 1, other + 1) + 1 : Math.max(at(one + 1, other), at(one, other + 1));
  }
  const lines: DiffLine[] = [];
  let [one, other] = [0, 0];
  while (one < from.length || other < to.length) {
    if (one < from.length && other < to.length && from[one] === to[other]) {
      lines.push({ what: 'same', line: start + other + 1, text: to[other] ?? '' });
      one++;
      other++;
    } else if (one < from.length && (other === to.length || at(one + 1, other) >= at(one, other + 1))) lines.push(del(one++));
    else lines.push(add(other++));
  }
  return lines;
}

/** Marks within lines that took the place of as many others what differs between them. */
function marked(lines: readonly DiffLine[]): DiffLine[] {
  const found = [...lines];
  for (let index = 0; index < found.length; index++) {
    let dels = 0;
    while (found[index + dels]?.what === 'del') dels++;
    let adds = 0;
    while (found[index + dels + adds]?.what === 'add') adds++;
    for (let pair = 0; dels === adds && pair < dels; pair++) {
      const [one, other] = [found[index + pair], found[index + dels + pair]];
      if (!one || !other) continue;
      const [was, is] = differing(one.text, other.text);
      found[index + pair] = { ...one, mark: was };
      found[index + dels + pair] = { ...other, mark: is };
    }
    index += dels + adds;
  }
  return found;
}

function differing(one: string, other: string): [[number, number], [number, number]] {
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) start++;
  let end = 0;
  while (end < one.length - start && end < other.length - start && one[one.length - 1 - end] === other[other.length - 1 - end]) end++;
  return [
    [start, one.length - end],
    [start, other.length - end],
  ];
}

/** In how many places the texts differ. */
export function countChanges(lines: readonly DiffLine[]): number {
  return lines.filter(({ what }, index) => what !== 'same' && (index === 0 || lines[index - 1]?.what === 'same')).length;
}
