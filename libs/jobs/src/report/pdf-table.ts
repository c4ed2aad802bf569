import { fontFor, printable } from './pdf-fonts.js';
import { cellText, type Report } from './report.js';

/** Rows of the table in print; the CSV has them all. */
export const TABLE_ROWS = 400;
const INK = '#1e293b';
const FAINT = '#64748b';
const RULE = '#e2e8f0';
const SIZE = 8;
const SMALL = 6.5;
const ROW_HEIGHT = 16;
const GAP = 12;
/** Of a text; a number is never cut. */
const MAX_TEXT_WIDTH = 160;

interface Column {
  index: number;
  label: string;
  numeric: boolean;
  key: boolean;
  texts: string[];
  width: number;
}

/**
 * The report's rows as tables as wide as the page, one below the other when the columns do not fit side by side: each
 * begins with the period and the groups. A column is as wide as its widest number, so that no number is ever cut.
 */
export function drawTables(document: PDFKit.PDFDocument, report: Report, margin: number): void {
  const width = document.page.width - 2 * margin;
  let size = SIZE;
  let parts = partsOf(columnsOf(document, report, size), width);
  if (parts.length > 1) {
    const smaller = partsOf(columnsOf(document, report, SMALL), width);
    if (smaller.length < parts.length) {
      parts = smaller;
      size = SMALL;
    }
  }
  for (const [number, columns] of parts.entries()) {
    const title = parts.length === 1 ? '' : `Figures, part ${number + 1} of ${parts.length}`;
    drawPart(document, columns, { margin, width, size, title });
  }
  if (report.totalRows > TABLE_ROWS) {
    const note = `The first ${TABLE_ROWS} of ${report.totalRows} rows; the CSV has all.`;
    document
      .font('regular')
      .fontSize(SIZE)
      .fillColor(FAINT)
      .text(note, margin, document.y + 6, { lineBreak: false });
  }
}

function columnsOf(document: PDFKit.PDFDocument, report: Report, size: number): Column[] {
  return report.columns.map((column, index) => {
    const texts = report.rows.slice(0, TABLE_ROWS).map((row) => printable(cellText(row[index] ?? null, column)));
    const label = printable(column.label);
    const widest = texts.reduce((most, text) => Math.max(most, widthOf(document, text, 'regular', size)), 0);
    const head = Math.min(widthOf(document, label, 'bold', size), MAX_TEXT_WIDTH);
    const body = column.numeric ? widest : Math.min(widest, MAX_TEXT_WIDTH);
    return { index, label, numeric: column.numeric, key: column.role !== 'measure', texts, width: Math.max(head, body) + GAP };
  });
}

/** Columns that fit side by side; the keys come again in each part. */
function partsOf(columns: Column[], width: number): Column[][] {
  const keys = columns.filter((column) => column.key);
  const room = width - keys.reduce((sum, column) => sum + column.width, 0);
  const parts: Column[][] = [];
  let left = 0;
  for (const column of columns.filter(({ key }) => !key)) {
    if (parts.length === 0 || column.width > left) {
      parts.push([...keys]);
      left = room;
    }
    parts.at(-1)?.push(column);
    left -= column.width;
  }
  return parts.length === 0 ? [keys] : parts;
}

function drawPart(
  document: PDFKit.PDFDocument,
  columns: Column[],
  { margin, width, size, title }: { margin: number; width: number; size: number; title: string },
): void {
  const spare = Math.max(0, width - columns.reduce((sum, column) => sum + column.width, 0)) / columns.length;
  const bottom = document.page.height - margin;
  const row = (textOf: (column: Column) => string, weight: 'regular' | 'bold') => {
    const y = document.y;
    let x = margin;
    for (const column of columns) {
      const cell = column.width + spare;
      const text = textOf(column);
      document.font(fontFor(text, weight)).fontSize(size).fillColor(INK);
      // A number is placed by its own width: an ellipsis in it would make another number of it.
      if (column.numeric && weight === 'regular') document.text(text, x + cell - GAP - document.widthOfString(text), y + 4, { lineBreak: false });
      else {
        const align = column.numeric ? 'right' : 'left';
        document.text(text, x, y + 4, { width: cell - GAP + 1, height: ROW_HEIGHT - 4, ellipsis: true, lineBreak: false, align });
      }
      x += cell;
    }
    document
      .moveTo(margin, y + ROW_HEIGHT)
      .lineTo(margin + width, y + ROW_HEIGHT)
      .lineWidth(0.5)
      .stroke(RULE);
    document.x = margin;
    document.y = y + ROW_HEIGHT;
  };
  const head = () => row((column) => column.label, 'bold');
  document.moveDown(1);
  if (document.y + 5 * ROW_HEIGHT > bottom) document.addPage();
  if (title !== '') document.font('bold').fontSize(11).fillColor(INK).text(title, margin, undefined, { width });
  head();
  for (let index = 0; index < (columns[0]?.texts.length ?? 0); index++) {
    if (document.y + ROW_HEIGHT > bottom) {
      document.addPage();
      head();
    }
    row((column) => column.texts[index] ?? '', 'regular');
  }
}

function widthOf(document: PDFKit.PDFDocument, text: string, weight: 'regular' | 'bold', size: number): number {
  return document.font(fontFor(text, weight)).fontSize(size).widthOfString(text);
}
