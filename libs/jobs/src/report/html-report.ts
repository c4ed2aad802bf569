import { chartsOf } from './chart-data.js';
import { aboutText, type Report, shownTexts } from './report.js';
import { sceneOf, type Scene, type Shape } from './scene.js';

/** Rows of the table in the page; the CSV has them all. */
const TABLE_ROWS = 1_000;

const STYLE = `
:root { color-scheme: light; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; color: #1e293b; background: #f8fafc; }
body { max-width: 960px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 16px; margin: 0 0 12px; }
h2 small, .about { color: #64748b; font-weight: 400; }
.about { margin: 0 0 28px; }
section { background: #fff; border: 1px solid #e2e8f0; border-radius: 10px; padding: 20px 24px; margin: 0 0 20px; }
svg { display: block; width: 100%; height: auto; font-family: inherit; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { padding: 7px 12px; text-align: left; vertical-align: top; border-bottom: 1px solid #e2e8f0; }
td { min-width: 4em; max-width: 26em; overflow-wrap: anywhere; }
th { position: sticky; top: 0; background: #fff; color: #475569; font-weight: 600; vertical-align: bottom; min-width: 5em; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
tbody tr:hover { background: #f1f5f9; }
h1 { overflow-wrap: anywhere; }
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
