import type { Readable } from 'node:stream';
import PDFDocument from 'pdfkit';
import { chartsOf } from './chart-data.js';
import { fontFile, hasLetter, printable } from './pdf-fonts.js';
import { drawTables, TABLE_ROWS } from './pdf-table.js';
import { measureIn, type Weight, writeLine, writeLines } from './pdf-text.js';
import { aboutText, type Report, shownTexts } from './report.js';
import { sceneOf, type Scene, type Shape } from './scene.js';

const MARGIN = 48;
/** More columns than this do not stand side by side on an upright page. */
const WIDE_COLUMNS = 6;
/** As high as a chart of lines. */
const LOW_CHART = 340;
const INK = '#161a21';
const FAINT = '#5c6675';
const ACCENT = '#4347c4';

/**
 * The report as an A4 document, in landscape when its table is wide. Fonts are embedded, as far as they are used; a letter
 * that none of them has is printed as a box, and `notPrinted` says which, as {@link lettersWithoutFont} found them.
 */
export function pdfReport(report: Report, notPrinted = ''): Readable {
  const layout = report.columns.length > WIDE_COLUMNS ? 'landscape' : 'portrait';
  const info = { Title: report.title, CreationDate: report.madeAt };
  const document = new PDFDocument({ size: 'A4', layout, margin: MARGIN, info, bufferPages: true, font: fontFile('regular') });
  const width = document.page.width - 2 * MARGIN;
  const line = (text: string, weight: Weight, size: number, colour: string) => writeLines(document, printable(text), MARGIN, width, { size, weight, colour });
  mark(document);
  line(report.title, 'bold', 20, INK);
  line(aboutText(report), 'regular', 10, FAINT);
  if (notPrinted !== '') line(`Some letters have no font here and are printed as a box; the CSV and the HTML have them.`, 'regular', 9, FAINT);
  const { charts, without } = chartsOf(report);
  for (const chart of charts) {
    const scene = sceneOf(chart);
    const page = document.page.height - 2 * MARGIN - 70;
    const left = document.page.height - MARGIN - document.y - 44;
    // Two low ones on a page, whichever way it lies; a high one below the title, where that leaves most of the page.
    const height = scene.height <= LOW_CHART ? page / 2 - 36 : left >= page * 0.6 ? Math.min(left, page) : page;
    const scale = Math.min(width / scene.width, height / scene.height);
    if (document.y + scene.height * scale + 40 > document.page.height - MARGIN) document.addPage();
    document.moveDown(1);
    line(chart.note === '' ? chart.title : `${chart.title}  (${chart.note})`, 'bold', 11, INK);
    draw(document, scene, MARGIN, document.y + 6, scale);
    document.x = MARGIN;
    document.y += scene.height * scale + 6;
  }
  if (without !== '') {
    if (document.y + 40 > document.page.height - MARGIN) document.addPage();
    document.moveDown(1);
    line(without, 'regular', 9, FAINT);
  }
  if (report.totalRows === 0) {
    document.moveDown(1);
    line('The table has no rows: there is nothing to count.', 'regular', 11, INK);
  } else drawTables(document, report, MARGIN);
  numberPages(document);
  document.end();
  return document;
}

/** Whose product it is, as on each of its pages. */
function mark(document: PDFKit.PDFDocument): void {
  const top = document.y;
  document.roundedRect(MARGIN, top, 16, 16, 4).fill(ACCENT);
  writeLine(document, 'L', MARGIN + 8 - measureIn(document, 10)('bold')('L') / 2, top + 1.5, { size: 10, weight: 'bold', colour: '#ffffff' });
  writeLine(document, 'Longhaul', MARGIN + 22, top + 1.5, { size: 10, weight: 'bold', colour: INK });
  document.y = top + 30;
}

/** The letters of the report's texts, as far as the PDF shows them, that none of its fonts has; each once, the first hundred. */
export function lettersWithoutFont(report: Report): string {
  const missing = new Set<string>();
  const look = (text: string) => {
    if (/^[\x20-\x7e]*$/.test(text)) return;
    for (const letter of text) if (!/\p{Cc}/u.test(letter) && missing.size < 100 && !hasLetter(letter)) missing.add(letter);
  };
  look(report.title);
  for (const column of report.columns) look(column.title);
  for (const row of shownTexts(report, TABLE_ROWS)) for (const text of row) look(text);
  for (const chart of chartsOf(report).charts) for (const name of [...chart.categories, ...chart.series.map((series) => series.name)]) look(name);
  return [...missing].join('');
}

function numberPages(document: PDFKit.PDFDocument): void {
  const { start, count } = document.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    document.switchToPage(page);
    // Below the margin, where text would begin another page.
    document.page.margins.bottom = 0;
    const text = `Page ${page + 1} of ${count}`;
    const style = { size: 8, weight: 'regular' as const, colour: FAINT };
    writeLine(document, text, document.page.width - MARGIN - measureIn(document, style.size)(style.weight)(text), document.page.height - 30, style);
  }
}

function draw(document: PDFKit.PDFDocument, scene: Scene, left: number, top: number, scale: number): void {
  const y = document.y;
  document.save().translate(left, top).scale(scale);
  for (const shape of scene.shapes) drawShape(document, shape);
  document.restore();
  document.y = y;
}

function drawShape(document: PDFKit.PDFDocument, shape: Shape): void {
  switch (shape.kind) {
    case 'line':
      document.moveTo(shape.x1, shape.y1).lineTo(shape.x2, shape.y2);
      stroke(document, shape);
      return;
    case 'path':
      for (const [index, [x, y]] of shape.points.entries()) {
        if (index === 0) document.moveTo(x, y);
        else document.lineTo(x, y);
      }
      stroke(document, shape);
      return;
    case 'dot':
      document.circle(shape.x, shape.y, shape.radius).fill(shape.colour);
      return;
    case 'rect':
      document.rect(shape.x, shape.y, shape.width, shape.height).fill(shape.colour);
      return;
    case 'text': {
      const text = printable(shape.text);
      const width = shape.anchor === 'start' ? 0 : measureIn(document, shape.size)('regular')(text);
      const shift = shape.anchor === 'middle' ? width / 2 : width;
      writeLine(document, text, shape.x - shift, shape.y - shape.size * 0.8, { size: shape.size, weight: 'regular', colour: shape.colour });
    }
  }
}

function stroke(document: PDFKit.PDFDocument, { colour, width, dash = [] }: { colour: string; width: number; dash?: number[] }): void {
  document.lineWidth(width).lineJoin('round');
  if (dash.length > 0) document.dash(dash[0] ?? 1, { space: dash[1] ?? 1 });
  document.stroke(colour);
  if (dash.length > 0) document.undash();
}
