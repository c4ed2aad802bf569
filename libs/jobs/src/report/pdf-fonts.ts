import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What is used of fontkit, which has no types of its own. */
interface Font {
  hasGlyphForCodePoint(code: number): boolean;
}

const require = createRequire(import.meta.url);
const { create } = require('fontkit') as { create: (file: Buffer) => Font };

/** DejaVu Sans has Latin, Greek, Cyrillic, Arabic, Hebrew and more; Unifont, a plain one, the rest of the basic plane with all of Chinese, Japanese and Korean. */
const FILES = {
  regular: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf',
  bold: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf',
  wide: '@fontsource/unifont/files/unifont-latin-400-normal.woff',
} as const;
export type FontName = keyof typeof FILES;

const opened = new Map<FontName, Font>();

const found = new Map<FontName, string>();

/**
 * Where the font's file is, for a document that embeds what it uses of it. The document knows an open font by this path: by a
 * name that it was registered under, pdfkit opens the document's first font again at each use.
 */
export function fontFile(name: FontName): string {
  let file = found.get(name);
  if (file === undefined) found.set(name, (file = require.resolve(FILES[name])));
  return file;
}

/** The font of `text`: `wanted` when it has all letters, else the one that has the most scripts. */
export function fontFor(text: string, wanted: 'regular' | 'bold'): FontName {
  return isAscii(text) || has(wanted, text) ? wanted : 'wide';
}

/** `text` with a box for each letter that no font has, and without control characters. */
export function printable(text: string): string {
  const plain = text.replace(/[\p{Cc}]/gu, ' ');
  if (isAscii(plain)) return plain;
  return [...plain].map((letter) => (hasLetter(letter) ? letter : '\u25a1')).join('');
}

/** Whether any font has the letter. */
export function hasLetter(letter: string): boolean {
  const code = letter.codePointAt(0) ?? 0;
  return font('regular').hasGlyphForCodePoint(code) || font('wide').hasGlyphForCodePoint(code);
}

function has(name: FontName, text: string): boolean {
  return [...text].every((letter) => font(name).hasGlyphForCodePoint(letter.codePointAt(0) ?? 0));
}

function font(name: FontName): Font {
  let known = opened.get(name);
  if (!known) opened.set(name, (known = open(name)));
  return known;
}

function open(name: FontName): Font {
  return create(readFileSync(fontFile(name)));
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
