/** What a reader sees first: a word beside its mark, in the colour of the state. */
export type Tone = 'ok' | 'bad' | 'off' | 'wait';

interface Look {
  mark: string;
  ink: string;
  soft: string;
  darkInk: string;
  darkSoft: string;
}

/** The colours of the console, which hold on its grounds in both schemes. */
const LOOKS: Record<Tone, Look> = {
  ok: { mark: '✓', ink: '#0a7257', soft: '#e0f3ec', darkInk: '#5fd0a8', darkSoft: '#12302a' },
  bad: { mark: '✕', ink: '#b0350f', soft: '#fdeae3', darkInk: '#ff9d7d', darkSoft: '#3a1d14' },
  wait: { mark: '!', ink: '#7e5200', soft: '#fbf0d9', darkInk: '#e9bb62', darkSoft: '#332810' },
  off: { mark: '–', ink: '#57606e', soft: '#eceef2', darkInk: '#a9b2bf', darkSoft: '#262c35' },
};

/** The values of a look, for {@link emailHtml}. */
export function valuesOf(tone: Tone): Record<'mark' | 'color' | 'soft' | 'darkColor' | 'darkSoft', string> {
  const { mark, ink, soft, darkInk, darkSoft } = LOOKS[tone];
  return { mark, color: ink, soft, darkColor: darkInk, darkSoft };
}

const FONT = "-apple-system,'Segoe UI',Inter,Roboto,Arial,sans-serif";
const TABLE = 'role="presentation" cellpadding="0" cellspacing="0" border="0"';

interface Parts {
  title: string;
  /** What an inbox shows beside the subject. */
  preview: string;
  /** In words, beside the mark of the state. */
  badge: string;
  heading: string;
  /** Rows of the card, below its heading. */
  rows: string;
  /** Why somebody gets it. */
  why: string;
}

/**
 * The design of the console, in what old and new mail programs show alike: tables, inline styles, no pictures, nothing to load. Those that know media
 * queries show it dark where their reader wants it so. Needs the values of {@link valuesOf}.
 */
export function emailHtml({ title, preview, badge, heading, rows, why }: Parts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<meta name="x-apple-disable-message-reformatting"><meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<title>${title}</title>
<style>
@media (prefers-color-scheme: dark) { .e-bg { background: #0e1116 !important } .e-card { background: #161a21 !important; border-color: #29303a !important } .e-t { color: #e8ebf0 !important } .e-2 { color: #b4bcc8 !important } .e-3 { color: #939dab !important } .e-line { border-color: #29303a !important } .e-a { color: #a3a8ff !important } .e-state { background: {{darkSoft}} !important; color: {{darkColor}} !important } .e-quote { background: {{darkSoft}} !important; border-color: {{darkColor}} !important } }
@media (max-width: 480px) { .e-pad { padding: 24px 20px !important } .e-btn { width: 100% !important } .e-btn a { display: block !important } }
</style>
<!--[if mso]><style>* { font-family: "Segoe UI", Arial, sans-serif !important }</style><![endif]-->
</head>
<body class="e-bg" style="margin:0;padding:0;background:#f5f6f8;-webkit-text-size-adjust:100%">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${preview}</div>
<table ${TABLE} class="e-bg" width="100%" style="background:#f5f6f8"><tr><td align="center" style="padding:32px 12px">
<table ${TABLE} width="600" style="width:100%;max-width:600px;font-family:${FONT}">
<tr><td style="padding:0 0 16px"><table ${TABLE}><tr><td width="24" height="24" align="center" style="width:24px;height:24px;background:#4347c4;border-radius:6px;color:#ffffff;font-size:14px;line-height:24px;font-weight:700">L</td><td class="e-t" style="padding-left:8px;font-size:15px;line-height:24px;font-weight:600;color:#161a21">Longhaul</td></tr></table></td></tr>
<tr><td class="e-card e-pad" style="background:#ffffff;border:1px solid #e0e4ea;border-radius:12px;padding:32px">
<table ${TABLE} width="100%">
<tr><td><span class="e-state" style="display:inline-block;background:{{soft}};color:{{color}};font-size:13px;line-height:20px;font-weight:600;padding:2px 8px;border-radius:4px">{{mark}}&nbsp;${badge}</span></td></tr>
<tr><td class="e-t" style="padding:12px 0 4px;font-size:24px;line-height:32px;font-weight:600;letter-spacing:-.3px;color:#161a21;word-break:break-word">${heading}</td></tr>
${rows}</table></td></tr>
<tr><td class="e-3" style="padding:16px 0;font-size:12px;line-height:18px;color:#5c6675">${why}</td></tr>
</table></td></tr></table>
</body></html>
`;
}

/** A sentence below the heading. */
export function lineRow(text: string): string {
  return `<tr><td class="e-2" style="font-size:15px;line-height:24px;color:#434c5a">${text}</td></tr>\n`;
}

/** What somebody else has said. */
export function quoteRow(text: string): string {
  return `<tr><td style="padding:12px 0 0"><table ${TABLE} width="100%"><tr><td class="e-quote e-t" style="padding:8px 12px;background:{{soft}};border-left:3px solid {{color}};font-size:14px;line-height:20px;color:#161a21;word-break:break-word"><p style="margin:0">${text}</p></td></tr></table></td></tr>\n`;
}

/** The way on, as a button and as text for programs that show no buttons. */
export function buttonRow(label: string, url: string): string {
  return `<tr><td style="padding:24px 0"><table ${TABLE} class="e-btn"><tr><td align="center" bgcolor="#4347c4" style="border-radius:8px;background:#4347c4"><a href="${url}" style="display:inline-block;padding:14px 24px;font-size:15px;line-height:20px;font-weight:600;color:#ffffff;text-decoration:none;border-radius:8px">${label}</a></td></tr></table></td></tr>\n`;
}

/** A name and its value. */
export function factRow(name: string, value: string): string {
  return `<tr><td class="e-line" style="border-top:1px solid #e0e4ea"><table ${TABLE} width="100%"><tr><td class="e-3" style="padding:10px 16px 10px 0;font-size:14px;line-height:20px;color:#5c6675;white-space:nowrap;vertical-align:top">${name}</td><td class="e-t" align="right" style="padding:10px 0;font-size:14px;line-height:20px;color:#161a21;word-break:break-word">${value}</td></tr></table></td></tr>\n`;
}

/** Where the button leads. */
export function linkRow(words: string, url: string): string {
  return `<tr><td class="e-2 e-line" style="border-top:1px solid #e0e4ea;padding-top:16px;font-size:13px;line-height:20px;color:#434c5a;word-break:break-all">${words}<br><a class="e-a" href="${url}" style="color:#4347c4;text-decoration:underline">${url}</a></td></tr>\n`;
}
