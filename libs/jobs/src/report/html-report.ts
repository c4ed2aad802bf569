import { chartsOf } from './chart-data.js';
import { aboutText, type Report, shownTexts } from './report.js';
import { sceneOf, type Scene, type Shape } from './scene.js';

/** Rows of the table in the page; the CSV has them all. */
const TABLE_ROWS = 1_000;

/** The look of the console, on white, because charts have fixed colours and reports are printed. */
const STYLE = `
:root { color-scheme: light; font: 15px/24px system-ui, -apple-system, "Segoe UI", Inter, sans-serif; color: #161a21; background: #f5f6f8; }
body { max-width: 960px; margin: 0 auto; padding: 32px 24px 48px; }
.made { display: flex; align-items: center; gap: 8px; margin: 0 0 24px; font-weight: 600; }
.made span { width: 24px; height: 24px; border-radius: 6px; background: #4347c4; color: #fff; font-size: 14px; line-height: 24px; font-weight: 700; text-align: center; }
h1 { font-size: 24px; line-height: 32px; font-weight: 600; margin: 0 0 4px; letter-spacing: -0.3px; overflow-wrap: anywhere; }
h2 { font-size: 14px; line-height: 20px; font-weight: 600; margin: 0 0 12px; }
h2 small, .about { color: #5c6675; font-size: 13px; line-height: 20px; font-weight: 400; }
.about { margin: 0 0 24px; }
section { background: #fff; border: 1px solid #e0e4ea; border-radius: 8px; padding: 16px; margin: 0 0 16px; }
svg { display: block; width: 100%; height: auto; font-family: inherit; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; line-height: 20px; }
th, td { padding: 8px 12px; text-align: left; vertical-align: top; border-bottom: 1px solid #e0e4ea; }
td { min-width: 4em; max-width: 26em; overflow-wrap: anywhere; }
th { position: sticky; top: 0; background: #fff; color: #5c6675; font-size: 12px; font-weight: 400; vertical-align: bottom; min-width: 5em; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
tbody tr:last-child td { border-bottom: 0; }
tbody tr:hover { background: #eff1f4; }
@media (max-width: 480px) { body { padding: 20px 16px 32px; } th, td { padding: 8px 6px; } }
@media print { :root { background: #fff; } section { break-inside: avoid; border: 0; padding: 0; } .rows { break-inside: auto; } }
`;

/** The report as one page that needs nothing else: no script, no font, no link. Every value in it is escaped. */
export function htmlReport(report: Report): string {
  const { title } = report;
  const { charts, without } = chartsOf(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<p class="made"><span aria-hidden="true">L</span>Longhaul</p>
<h1>${escapeHtml(title)}</h1>
<p class="about">${escapeHtml(aboutText(report))}</p>
${charts
  .map((chart) => `<section><h2>${escapeHtml(chart.title)} <small>${escapeHtml(chart.note)}</small></h2>\n${svg(sceneOf(chart), chart.title)}</section>`)
  .join('\n')}
${without === '' ? '' : `<p class="about">${escapeHtml(without)}</p>\n`}${tableOf(report)}
</body>
</html>
`;
}

function tableOf(report: Report): string {
  const { columns, totalRows } = report;
  const number = new Intl.NumberFormat('en');
  const cell = (tag: 'th' | 'td', text: string, numeric: boolean) => {
    // A name may be of a script that is written from the right.
    const attribute = numeric ? ' class="number"' : tag === 'td' && !isPlain(text) ? ' dir="auto"' : '';
    return `<${tag}${attribute}>${escapeHtml(text)}</${tag}>`;
  };
  const head = columns.map((column) => cell('th', column.title, column.numeric)).join('');
  const body = shownTexts(report, TABLE_ROWS).map((row) => `<tr>${columns.map((column, index) => cell('td', row[index] ?? '', column.numeric)).join('')}</tr>`);
  if (body.length === 0) return '<section><h2>Figures</h2><p>The table has no rows: there is nothing to count.</p></section>';
  const note = totalRows > TABLE_ROWS ? ` <small>the first ${number.format(TABLE_ROWS)} of ${number.format(totalRows)} rows; the CSV has all</small>` : '';
  return `<section class="rows"><h2>Figures${note}</h2><div class="scroll"><table><thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody></table></div></section>`;
}

function svg({ width, height, shapes }: Scene, title: string): string {
  const label = escapeHtml(`Chart of ${title}`);
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">\n<title>${label}</title>\n${shapes.map(element).join('\n')}\n</svg>`;
}

function element(shape: Shape): string {
  const place = (value: number) => Number(value.toFixed(1));
  switch (shape.kind) {
    case 'line':
      return `<line x1="${place(shape.x1)}" y1="${place(shape.y1)}" x2="${place(shape.x2)}" y2="${place(shape.y2)}" stroke="${shape.colour}" stroke-width="${shape.width}"${dashes(shape.dash)}/>`;
    case 'path':
      return `<polyline points="${shape.points.map(([x, y]) => `${place(x)},${place(y)}`).join(' ')}" fill="none" stroke="${shape.colour}" stroke-width="${shape.width}" stroke-linejoin="round"${dashes(shape.dash)}/>`;
    case 'dot':
      return `<circle cx="${place(shape.x)}" cy="${place(shape.y)}" r="${shape.radius}" fill="${shape.colour}"/>`;
    case 'rect':
      return `<rect x="${place(shape.x)}" y="${place(shape.y)}" width="${place(shape.width)}" height="${place(shape.height)}" rx="2" fill="${shape.colour}"/>`;
    case 'text':
      return `<text x="${place(shape.x)}" y="${place(shape.y)}" font-size="${shape.size}" text-anchor="${shape.anchor}" fill="${shape.colour}">${escapeHtml(shape.text)}</text>`;
  }
}

function dashes(dash: number[] = []): string {
  return dash.length === 0 ? '' : ` stroke-dasharray="${dash.join(' ')}"`;
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
