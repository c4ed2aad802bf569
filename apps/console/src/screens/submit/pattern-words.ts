/** Classes of letters, one behind the other, each with how many: `^[a-z_][a-z0-9_]{0,62}$`. */
const CLASSES = /^\^((?:\[[^\\\]^]+\](?:[*+?]|\{\d+(?:,\d*)?\})?)+)\$$/;
const CLASS = /\[([^\]]+)\](?:([*+?])|\{(\d+)(,(\d*))?\})?/g;
const RANGES = { 'a-z': 'a to z', 'A-Z': 'A to Z', '0-9': '0 to 9' };

/** What a regular expression lets through, in words: `a to z, 0 to 9 and _, not a digit first`. Empty for one that is not of this simple sort. */
export function patternWords(pattern: string): string {
  const inside = CLASSES.exec(pattern)?.[1];
  if (inside === undefined) return '';
  const classes = [...inside.matchAll(CLASS)].map(([, letters = '', sign, least, comma, most]) => ({
    ...readClass(letters),
    ...readTimes(sign, least, comma, most),
  }));
  const ranges = Object.entries(RANGES).flatMap(([range, words]) => (classes.some((one) => one.ranges.includes(range)) ? [words] : []));
  const signs = [...new Set(classes.flatMap((one) => one.signs))];
  const all = [...ranges, ...signs];
  const letters = all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1) ?? ''}`;
  const [first] = classes;
  const rest = classes.slice(1);
  const isLast = (has: (one: (typeof classes)[number]) => boolean): boolean => first !== undefined && !has(first) && rest.some(has);
  const notFirst = [
    ...(isLast(({ ranges: of }) => of.includes('0-9')) ? ['a digit'] : []),
    ...signs.filter((sign) => isLast(({ signs: of }) => of.includes(sign))),
  ];
  const least = classes.reduce((sum, one) => sum + one.least, 0);
  const most = classes.reduce((sum, one) => sum + one.most, 0);
  const many =
    most === Infinity
      ? least > 1
        ? `at least ${String(least)} characters`
        : ''
      : `${least === most ? '' : `${String(least)} to `}${String(most)} ${most === 1 ? 'character' : 'characters'}`;
  return [letters, many, notFirst.length === 0 ? '' : `not ${notFirst.join(' or ')} first`].filter((one) => one !== '').join(', ');
}

function readClass(letters: string): { ranges: string[]; signs: string[] } {
  const ranges = Object.keys(RANGES).filter((range) => letters.includes(range));
  return { ranges, signs: [...ranges.reduce((left, range) => left.replace(range, ''), letters)] };
}

function readTimes(sign?: string, least?: string, comma?: string, most?: string): { least: number; most: number } {
  if (least !== undefined) return { least: Number(least), most: comma === undefined ? Number(least) : most === '' ? Infinity : Number(most) };
  return { least: sign === '*' || sign === '?' ? 0 : 1, most: sign === '*' || sign === '+' ? Infinity : 1 };
}
