import type { Readable } from 'node:stream';
import PDFDocument from 'pdfkit';
import { chartsOf, uncharted } from './chart-data.js';
import { fontFile, fontFor, hasLetter, printable } from './pdf-fonts.js';
import { drawTables, TABLE_ROWS } from './pdf-table.js';
import { cellText, type Report } from './report.js';
import { sceneOf, type Scene, type Shape } from './scene.js';

const MARGIN = 48;
/** More columns than this do not stand side by side on an upright page. */
const WIDE_COLUMNS = 6;
const INK = '#1e293b';
const FAINT = '#64748b';

/**
 * The report as an A4 document, in landscape when its table is wide. Fonts are embedded, as far as they are used; a letter
 * that none of them has is printed as a box, and `notPrinted` says which, as {@link lettersWithoutFont} found them.
 */
export function pdfReport(report: Report, notPrinted = ''): Readable {
  const layout = report.columns.length > WIDE_COLUMNS ? 'landscape' : 'portrait';
  const info = { Title: report.title, CreationDate: report.madeAt };
  const document = new PDFDocument({ size: 'A4', layout, margin: MARGIN, info, bufferPages: true, font: fontFile('regular') });
  for (const name of ['regular', 'bold', 'wide'] as const) document.registerFont(name, fontFile(name));
  const width = document.page.width - 2 * MARGIN;
  const line = (text: string, wanted: 'regular' | 'bold', size: number, colour: string) => {
    const shown = printable(text);
    document.font(fontFor(shown, wanted)).fontSize(size).fillColor(colour).text(shown, MARGIN, undefined, { width });
  };
  line(report.title, 'bold', 20, INK);
  const made = report.madeAt.toISOString().slice(0, 16).replace('T', ' ');
  line(`${report.sourceRows} rows in ${report.totalRows} groups, made ${made} UTC`, 'regular', 10, FAINT);
  if (notPrinted !== '') line(`Some letters have no font here and are printed as a box; the CSV and the HTML have them.`, 'regular', 9, FAINT);
  for (const chart of chartsOf(report)) {
    const scene = sceneOf(chart);
    const scale = Math.min(width / scene.width, (document.page.height - 2 * MARGIN - 60) / scene.height);
    if (document.y + scene.height * scale + 40 > document.page.height - MARGIN) document.addPage();
    document.moveDown(1);
    line(chart.note === '' ? chart.title : `${chart.title}  (${chart.note})`, 'bold', 11, INK);
    draw(document, scene, MARGIN, document.y + 6, scale);
    document.x = MARGIN;
    document.y += scene.height * scale + 6;
  }
  const without = uncharted(report);
  if (without !== '') line(without, 'regular', 9, FAINT);
  drawTables(document, report, MARGIN);
  numberPages(document);
  document.end();
  return document;
}

/** The letters of the report's texts, as far as the PDF shows them, that none of its fonts has; each once, the first hundred. */
export function lettersWithoutFont(report: Report): string {
  const missing = new Set<string>();
  const look = (text: string) => {
    if (/^[\x20-\x7e]*$/.test(text)) return;
    for (const letter of text) if (!/\p{Cc}/u.test(letter) && missing.size < 100 && !hasLetter(letter)) missing.add(letter);
  };
  look(report.title);
  for (const column of report.columns) look(column.label);
  for (const row of report.rows.slice(0, TABLE_ROWS)) for (const [index, column] of report.columns.entries()) look(cellText(row[index] ?? null, column));
  for (const chart of chartsOf(report)) for (const name of [...chart.categories, ...chart.series.map((series) => series.name)]) look(name);
  return [...missing].join('');
}

function numberPages(document: PDFKit.PDFDocument): void {
  const { start, count } = document.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    document.switchToPage(page);
    // Below the margin, where text would begin another page.
    document.page.margins.bottom = 0;
    document.font('regular').fontSize(8).fillColor(FAINT);
    document.text(`${page + 1} / ${count}`, MARGIN, document.page.height - 30, { width: document.page.width - 2 * MARGIN, align: 'right', lineBreak: false });
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
      document.moveTo(shape.x1, shape.y1).lineTo(shape.x2, shape.y2).lineWidth(shape.width).stroke(shape.colour);
      return;
    case 'path':
      for (const [index, [x, y]] of shape.points.entries()) {
        if (index === 0) document.moveTo(x, y);
        else document.lineTo(x, y);
      }
      document.lineWidth(shape.width).lineJoin('round').stroke(shape.colour);
      return;
    case 'dot':
      document.circle(shape.x, shape.y, shape.radius).fill(shape.colour);
      return;
    case 'rect':
      document.rect(shape.x, shape.y, shape.width, shape.height).fill(shape.colour);
      return;
    case 'text': {
      const text = printable(shape.text);
      document.font(fontFor(text, 'regular')).fontSize(shape.size).fillColor(shape.colour);
      const width = document.widthOfString(text);
      const shift = shape.anchor === 'start' ? 0 : shape.anchor === 'middle' ? width / 2 : width;
      document.text(text, shape.x - shift, shape.y - shape.size * 0.8, { lineBreak: false });
    }
  }
}
