import { fontFile, type FontName, fontFor } from './pdf-fonts.js';
import { type Measure, wrapped } from './wrap-text.js';

export type Weight = 'regular' | 'bold';

/** Letters of one font in one direction. */
export interface TextRun {
  text: string;
  font: FontName;
  fromRight: boolean;
}

const FROM_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const STRONG = /[\p{L}\p{N}]/u;
const MIRRORED: Record<string, string> = { '(': ')', ')': '(', '[': ']', ']': '[', '{': '}', '}': '{', '<': '>', '>': '<', '«': '»', '»': '«' };

/**
 * The text in runs from left to right, as they are printed. Words of scripts that are written from the right are in their
 * order, numbers and words of other scripts among them in theirs: the simple part of Unicode's bidirectional algorithm.
 */
export function runsOf(text: string, weight: Weight): TextRun[] {
  if (!FROM_RIGHT.test(text)) return byFont(text, weight, false);
  const parts = byDirection(text);
  const base = parts.find(({ strong }) => strong)?.fromRight ?? false;
  // What stands between two words from the right is within them, a number too.
  const blocks: { parts: typeof parts; fromRight: boolean }[] = [];
  for (const part of parts) {
    const last = blocks.at(-1);
    if (last?.fromRight && (part.fromRight || /^[^\p{L}]*$/u.test(part.text))) last.parts.push(part);
    else blocks.push({ parts: [part], fromRight: part.fromRight });
  }
  const ordered = base ? [...blocks].reverse() : blocks;
  return ordered.flatMap((block) => (block.fromRight ? [...block.parts].reverse() : block.parts).flatMap((part) => byFont(part.text, weight, part.fromRight)));
}

/** How wide a text is in this size. */
export function measureIn(document: PDFKit.PDFDocument, size: number): (weight: Weight) => Measure {
  return (weight) => (text) => runsOf(text, weight).reduce((sum, run) => sum + widthOf(document, run, size), 0);
}

/** Writes one line from `x` on, with its top at `y`; moves nothing of the document's place. */
export function writeLine(document: PDFKit.PDFDocument, text: string, x: number, y: number, { size, weight, colour }: TextStyle): void {
  const place = { x: document.x, y: document.y };
  let at = x;
  for (const run of runsOf(text, weight)) {
    const width = widthOf(document, run, size);
    // With features, even none, the run is laid out as a whole: words from the right would stand in the wrong order.
    document.fillColor(colour).text(run.text, at, y, { lineBreak: false, ...(run.fromRight ? { features: [] } : {}) });
    at += width;
  }
  document.x = place.x;
  document.y = place.y;
}

export interface TextStyle {
  size: number;
  weight: Weight;
  colour: string;
}

/** Writes a text in lines of this width from the document's place on, which is below them afterwards. */
export function writeLines(document: PDFKit.PDFDocument, text: string, x: number, width: number, style: TextStyle): void {
  for (const line of wrapped(text, width, measureIn(document, style.size)(style.weight), 12)) {
    writeLine(document, line, x, document.y, style);
    document.y += style.size * 1.25;
  }
}

function widthOf(document: PDFKit.PDFDocument, { text, font }: TextRun, size: number): number {
  return document.font(fontFile(font)).fontSize(size).widthOfString(text);
}

/** Each letter in the first font that has it, so that a word of another script changes not all of them. */
function byFont(text: string, weight: Weight, fromRight: boolean): TextRun[] {
  const font = fontFor(text, weight);
  const shown = fromRight ? text.replace(/[()[\]{}<>«»]/g, (letter) => MIRRORED[letter] ?? letter) : text;
  if (font === weight || fromRight) return [{ text: shown, font, fromRight }];
  const runs: TextRun[] = [];
  for (const word of shown.match(/ +|[^ ]+/g) ?? []) {
    const own = fontFor(word, weight);
    const last = runs.at(-1);
    if (last?.font === own) last.text += word;
    else runs.push({ text: word, font: own, fromRight });
  }
  return runs;
}

function byDirection(text: string): { text: string; fromRight: boolean; strong: boolean }[] {
  const parts: { text: string; fromRight: boolean; strong: boolean }[] = [];
  let neutral = '';
  for (const letter of text) {
    const fromRight = FROM_RIGHT.test(letter) && !/\p{N}/u.test(letter);
    if (!fromRight && !STRONG.test(letter) && !/\p{M}/u.test(letter)) {
      neutral += letter;
      continue;
    }
    const last = parts.at(-1);
    if (last?.fromRight === fromRight) last.text += neutral + letter;
    else {
      if (neutral !== '') parts.push({ text: neutral, fromRight: false, strong: false });
      parts.push({ text: letter, fromRight, strong: /\p{L}/u.test(letter) });
    }
    neutral = '';
  }
  if (neutral !== '') parts.push({ text: neutral, fromRight: false, strong: false });
  return parts;
}
