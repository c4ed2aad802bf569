/** About how wide a text is in a sans-serif font, for drawings that cannot measure; rather too wide than too narrow. */
export function textWidth(text: string, size: number): number {
  let units = 0;
  for (const letter of text) units += unitsOf(letter);
  return units * size;
}

/** The names, each cut to this width. Two that would read the same are cut in the middle, or numbered. */
export function distinctNames(names: readonly string[], width: number, size: number): string[] {
  const ends = names.map((name) => cut(name, width, size, 1));
  const middles = names.map((name, index) => (isTwice(ends, index) ? cut(name, width, size, 0.5) : (ends[index] ?? '')));
  return middles.map((name, index) =>
    isTwice(middles, index) ? `${cut(names[index] ?? '', width - textWidth(' (00)', size), size, 0.5)} (${index + 1})` : name,
  );
}

/** `share`: of what is kept, how much is of the beginning. */
function cut(text: string, width: number, size: number, share: number): string {
  if (textWidth(text, size) <= width) return text;
  const room = width - textWidth('…', size);
  const letters = [...text];
  const head = fitting(letters, room * share, size);
  const tail = share === 1 ? 0 : fitting(letters.slice(head).reverse(), room * (1 - share), size);
  return `${letters.slice(0, head).join('').trimEnd()}…${tail === 0 ? '' : letters.slice(-tail).join('')}`;
}

/** How many of the letters fit. */
function fitting(letters: readonly string[], width: number, size: number): number {
  let left = width;
  for (const [index, letter] of letters.entries()) {
    left -= unitsOf(letter) * size;
    if (left < 0) return index;
  }
  return letters.length;
}

function isTwice(names: readonly string[], index: number): boolean {
  return names.indexOf(names[index] ?? '') !== names.lastIndexOf(names[index] ?? '');
}

function unitsOf(letter: string): number {
  if (/[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\p{Extended_Pictographic}]/u.test(letter) && letter > '\u00ff')
    return 1.05;
  if (/[\p{Mn}\p{Cf}]/u.test(letter)) return 0;
  if (/[iljtfrI.,:;'!|()[\] ]/.test(letter)) return 0.36;
  if (/[MWmw@%]/.test(letter)) return 1;
  return /[\p{Lu}]/u.test(letter) ? 0.7 : 0.58;
}
