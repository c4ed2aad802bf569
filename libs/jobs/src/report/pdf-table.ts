import { printable } from './pdf-fonts.js';
import { measureIn, type Weight, writeLine, writeLines } from './pdf-text.js';
import { type Report, shownTexts } from './report.js';
import { type Measure, wrapped } from './wrap-text.js';

/** Rows of the table in print; the CSV has them all. */
export const TABLE_ROWS = 400;
const INK = '#161a21';
const FAINT = '#5c6675';
const RULE = '#e0e4ea';
const SIZE = 8;
const SMALL = 6.5;
const PADDING = 4;
const GAP = 12;
/** Of a text, and of a title; a number is never cut. */
const MAX_TEXT_WIDTH = 160;
const MAX_TITLE_WIDTH = 110;
const MIN_KEY_WIDTH = 36;
/** The period and the groups come again in each part: the rest is for figures. */
const KEYS_SHARE = 0.55;
const MAX_LINES = 4;
const TITLE_LINES = 6;

export interface PrintedColumn {
  title: string;
  numeric: boolean;
  key: boolean;
  texts: string[];
  width: number;
}

/**
 * The report's rows as tables as wide as the page, one below the other when the columns do not fit side by side: each
 * begins with the period and the groups. A column is as wide as its widest number, so that no number is ever cut; texts and
 * titles take several lines.
 */
export function drawTables(document: PDFKit.PDFDocument, report: Report, margin: number): void {
  const width = document.page.width - 2 * margin;
  let size = SIZE;
  let parts = partsOf(columnsOf(report, measureIn(document, size)), width);
  if (parts.length > 1) {
    const smaller = partsOf(columnsOf(report, measureIn(document, SMALL)), width);
    if (smaller.length < parts.length) {
      parts = smaller;
      size = SMALL;
    }
  }
  for (const [number, columns] of parts.entries()) {
    const title = parts.length === 1 ? 'Figures' : `Figures, part ${number + 1} of ${parts.length}`;
    drawPart(document, columns, { margin, width, size, title });
  }
  if (report.totalRows > TABLE_ROWS) {
    const note = `The first ${TABLE_ROWS} of ${report.totalRows.toLocaleString('en')} rows; the CSV has all.`;
    writeLine(document, note, margin, document.y + 6, { size: SIZE, weight: 'regular', colour: FAINT });
  }
}

/** The columns as they are printed, with widths that hold every number whole. */
export function columnsOf(report: Report, measure: (weight: Weight) => Measure): PrintedColumn[] {
  const rows = shownTexts(report, TABLE_ROWS).map((row) => row.map(printable));
  const regular = measure('regular');
  const bold = measure('bold');
  return report.columns.map((column, index) => {
    const texts = rows.map((row) => row[index] ?? '');
    const title = printable(column.title);
    const widest = texts.reduce((most, text) => Math.max(most, regular(text)), 0);
    const body = column.numeric ? widest : Math.min(widest, MAX_TEXT_WIDTH);
    return { title, numeric: column.numeric, key: column.role !== 'measure', texts, width: Math.max(titleWidth(title, bold), body) + GAP };
  });
}

/** Of a title in about three lines, with no word broken that is not very long. */
function titleWidth(title: string, measure: Measure): number {
  const whole = measure(title);
  const longest = title.split(' ').reduce((most, word) => Math.max(most, measure(word)), 0);
  return Math.min(Math.max(longest, whole / 2.5), MAX_TITLE_WIDTH);
}

/** Columns that fit side by side; the keys come again in each part, narrower when they would leave no room. */
export function partsOf(columns: readonly PrintedColumn[], width: number): PrintedColumn[][] {
  const rest = columns.filter(({ key }) => !key);
  const widest = rest.reduce((most, column) => Math.max(most, column.width), 0);
  const keys = narrowed(
    columns.filter(({ key }) => key),
    rest.length === 0 ? width : Math.max(Math.min(width * KEYS_SHARE, width - widest), width * 0.2),
  );
  const room = width - keys.reduce((sum, column) => sum + column.width, 0);
  const parts: PrintedColumn[][] = [];
  let left = 0;
  for (const column of rest) {
    if (parts.length === 0 || column.width > left) {
      parts.push([...keys]);
      left = room;
    }
    parts.at(-1)?.push(column);
    left -= column.width;
  }
  return parts.length === 0 ? [keys] : parts;
}

function narrowed(keys: PrintedColumn[], room: number): PrintedColumn[] {
  const sum = keys.reduce((total, { width }) => total + width, 0);
  if (sum <= room) return keys;
  const fixed = keys.reduce((total, { width }) => total + Math.min(width, MIN_KEY_WIDTH), 0);
  const share = Math.max(0, room - fixed) / Math.max(1, sum - fixed);
  return keys.map((column) => {
    const least = Math.min(column.width, MIN_KEY_WIDTH);
    return { ...column, width: least + (column.width - least) * share };
  });
}

function drawPart(
  document: PDFKit.PDFDocument,
  columns: PrintedColumn[],
  { margin, width, size, title }: { margin: number; width: number; size: number; title: string },
): void {
  const used = columns.reduce((sum, column) => sum + column.width, 0);
  // Wider for short tables, but not so wide that the eye loses the row.
  const spare = Math.min(Math.max(0, width - used) / columns.length, 60);
  const across = Math.min(width, used + spare * columns.length);
  const bottom = document.page.height - margin;
  const measure = measureIn(document, size);
  const lineHeight = size * 1.25;
  const linesOf = (column: PrintedColumn, text: string, weight: Weight, most: number) =>
    column.numeric && weight === 'regular' ? [text] : wrapped(text, column.width + spare - GAP, measure(weight), most);
  const row = (cells: string[][], weight: Weight) => {
    const lines = cells.reduce((most, cell) => Math.max(most, cell.length), 1);
    const height = lines * lineHeight + 2 * PADDING;
    const y = document.y;
    let x = margin;
    for (const [index, column] of columns.entries()) {
      const cell = column.width + spare;
      const texts = cells[index] ?? [];
      // Titles stand on the rule below them, figures beside the first line of their names.
      const first = y + PADDING + (weight === 'bold' ? (lines - texts.length) * lineHeight : 0);
      for (const [line, text] of texts.entries()) {
        const at = column.numeric ? x + cell - GAP - measure(weight)(text) : x;
        writeLine(document, text, at, first + line * lineHeight, { size, weight, colour: INK });
      }
      x += cell;
    }
    const under = y + height;
    document
      .moveTo(margin, under)
      .lineTo(margin + across - (columns.at(-1)?.numeric ? GAP : 0), under)
      .lineWidth(weight === 'bold' ? 1 : 0.5)
      .stroke(weight === 'bold' ? FAINT : RULE);
    document.x = margin;
    document.y = under;
  };
  const titles = columns.map((column) => linesOf(column, column.title, 'bold', TITLE_LINES));
  const head = () => row(titles, 'bold');
  document.moveDown(1);
  if (document.y + 8 * lineHeight + 60 > bottom) document.addPage();
  writeLines(document, title, margin, width, { size: 11, weight: 'bold', colour: INK });
  head();
  for (let index = 0; index < (columns[0]?.texts.length ?? 0); index++) {
    const cells = columns.map((column) => linesOf(column, column.texts[index] ?? '', 'regular', MAX_LINES));
    const height = cells.reduce((most, cell) => Math.max(most, cell.length), 1) * lineHeight + 2 * PADDING;
    if (document.y + height > bottom) {
      document.addPage();
      head();
    }
    row(cells, 'regular');
  }
}
