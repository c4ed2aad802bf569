import type { Readable } from 'node:stream';
import PDFDocument from 'pdfkit';
import { chartsOf } from './chart-data.js';
import { cellText, type Report } from './report.js';
import { sceneOf, type Scene, type Shape } from './scene.js';

/** Rows of the table in print; the CSV has them all. */
const TABLE_ROWS = 400;
const MARGIN = 48;
const ROW_HEIGHT = 16;
const INK = '#1e293b';
const FAINT = '#64748b';
const RULE = '#e2e8f0';

/**
 * The report as an A4 document, streamed. It uses the fonts that every reader of PDF has, which know Western European
 * letters only: another character is printed as `?`, and the HTML report has it.
 */
export function pdfReport(report: Report): Readable {
  const document = new PDFDocument({ size: 'A4', margin: MARGIN, info: { Title: report.title, CreationDate: report.madeAt } });
  const width = document.page.width - 2 * MARGIN;
  document.font('Helvetica-Bold').fontSize(20).fillColor(INK).text(printable(report.title), { width });
  const made = report.madeAt.toISOString().slice(0, 16).replace('T', ' ');
  document.font('Helvetica').fontSize(10).fillColor(FAINT).text(`${report.sourceRows} rows in ${report.totalRows} groups, made ${made} UTC`, { width });
  for (const chart of chartsOf(report)) {
    const scene = sceneOf(chart);
    const scale = Math.min(width / scene.width, (document.page.height - 2 * MARGIN - 60) / scene.height);
    if (document.y + scene.height * scale + 40 > document.page.height - MARGIN) document.addPage();
    const note = chart.note === '' ? '' : `  (${printable(chart.note)})`;
    document
      .moveDown(1)
      .font('Helvetica-Bold')
      .fontSize(11)
      .fillColor(INK)
      .text(`${printable(chart.title)}${note}`, MARGIN, undefined, { width });
    draw(document, scene, MARGIN, document.y + 6, scale);
    document.x = MARGIN;
    document.y += scene.height * scale + 6;
  }
  drawTable(document, report, width);
  document.end();
  return document;
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
      document.font('Helvetica').fontSize(shape.size).fillColor(shape.colour);
      const width = document.widthOfString(text);
      const shift = shape.anchor === 'start' ? 0 : shape.anchor === 'middle' ? width / 2 : width;
      document.text(text, shape.x - shift, shape.y - shape.size * 0.8, { lineBreak: false });
    }
  }
}

function drawTable(document: PDFKit.PDFDocument, report: Report, width: number): void {
  const cell = width / report.columns.length;
  const row = (texts: string[], font: 'Helvetica' | 'Helvetica-Bold', colour: string) => {
    const y = document.y;
    document.font(font).fontSize(8).fillColor(colour);
    for (const [index, text] of texts.entries()) {
      const align = report.columns[index]?.numeric ? 'right' : 'left';
      document.text(printable(text), MARGIN + index * cell, y + 4, { width: cell - 6, height: ROW_HEIGHT - 4, ellipsis: true, lineBreak: false, align });
    }
    document
      .moveTo(MARGIN, y + ROW_HEIGHT)
      .lineTo(MARGIN + width, y + ROW_HEIGHT)
      .lineWidth(0.5)
      .stroke(RULE);
    document.y = y + ROW_HEIGHT;
  };
  const head = () =>
    row(
      report.columns.map((column) => column.label),
      'Helvetica-Bold',
      INK,
    );
  document.moveDown(1);
  if (document.y + 4 * ROW_HEIGHT > document.page.height - MARGIN) document.addPage();
  head();
  for (const values of report.rows.slice(0, TABLE_ROWS)) {
    if (document.y + ROW_HEIGHT > document.page.height - MARGIN) {
      document.addPage();
      head();
    }
    row(
      report.columns.map((column, index) => cellText(values[index] ?? null, column)),
      'Helvetica',
      INK,
    );
  }
  if (report.totalRows > TABLE_ROWS) {
    document
      .fontSize(8)
      .fillColor(FAINT)
      .text(`The first ${TABLE_ROWS} of ${report.totalRows} rows; the CSV has all.`, MARGIN, document.y + 6, { lineBreak: false });
  }
}

/** What Windows-1252, the encoding of PDF's standard fonts, can say. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}]/gu, ' ').replace(/[^\x20-\x7e\xa0-\xff–—‘’“”•…€™]/gu, '?');
}
