/** How wide a text is. */
export type Measure = (text: string) => number;

/** The text in lines of at most this width, at most `most`: broken between words, and in a word that is wider than a line. Cut with an ellipsis. */
export function wrapped(text: string, width: number, measure: Measure, most: number): string[] {
  if (measure(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (measure(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (lines.length <= most && measure(line) > width) {
      const head = fitting(line, width, measure);
      lines.push(head);
      line = line.slice(head.length);
    }
    if (lines.length > most) break;
  }
  if (line !== '') lines.push(line);
  if (lines.length <= most) return lines;
  const last = `${lines[most - 1] ?? ''}…`;
  return [...lines.slice(0, most - 1), measure(last) <= width ? last : `${fitting(last.slice(0, -1), width - measure('…'), measure)}…`];
}

/** The longest beginning of the text that fits, one letter at least. */
function fitting(text: string, width: number, measure: Measure): string {
  const letters = [...text];
  let low = 1;
  let high = letters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure(letters.slice(0, middle).join('')) <= width) low = middle;
    else high = middle - 1;
  }
  return letters.slice(0, low).join('');
}
