import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface EmailText {
  subject: string;
  text: string;
  html: string;
}

/** The file of each template in a folder of templates. */
const FILES: Record<keyof EmailText, string> = { subject: 'subject.txt', text: 'text.txt', html: 'html.html' };

/** The HTML uses only what old and new mail programs show alike: a table, inline styles, no pictures, nothing to load. `why`: why somebody gets it. */
export function emailHtml(title: string, inner: string, why: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light">
<title>${title}</title>
</head>
<body style="margin:0;background:#f2f4f7;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5;color:#1d2939">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#f2f4f7"><tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#ffffff;border:1px solid #e4e7ec;border-radius:8px">
<tr><td style="height:4px;line-height:4px;background:{{color}};border-radius:8px 8px 0 0">&nbsp;</td></tr>
<tr><td style="padding:28px 32px">
${inner}</td></tr>
</table>
<p style="max-width:560px;margin:16px 0 0;font-size:12px;color:#667085">${why}</p>
</td></tr></table>
</body></html>
`;
}

const BUILT_IN: EmailText = {
  subject: '{{kind}} {{became}}',
  text: `Your job {{kind}} {{became}}.
{{#error}}
{{error}}
{{/error}}
Finished  {{finished}}
{{#code}}Reason    {{code}}
{{/code}}Job       {{id}}

{{url}}

You get this e-mail because somebody asked for it when the job was submitted.
`,
  html: emailHtml(
    '{{kind}} {{became}}',
    `<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">Your job <span style="word-break:break-all">{{kind}}</span> <span style="color:{{color}}">{{became}}</span></h1>
{{#error}}<div style="margin:0 0 16px;padding:4px 14px;background:#fef3f2;border-left:3px solid {{color}};word-break:break-word"><p>{{error}}</p></div>
{{/error}}<table role="presentation" cellpadding="0" cellspacing="0" style="margin:0 0 24px;font-size:14px">
<tr><td style="padding:3px 20px 3px 0;color:#667085">Finished</td><td>{{finished}}</td></tr>
{{#code}}<tr><td style="padding:3px 20px 3px 0;color:#667085">Reason</td><td>{{code}}</td></tr>
{{/code}}<tr><td style="padding:3px 20px 3px 0;color:#667085">Job</td><td style="font-family:Menlo,Consolas,monospace;font-size:13px;word-break:break-all">{{id}}</td></tr>
</table>
<a style="display:inline-block;padding:10px 20px;background:#1d2939;border-radius:6px;color:#ffffff;text-decoration:none;font-weight:600" href="{{url}}">See the job</a>
<p style="margin:20px 0 0;font-size:13px;color:#667085;word-break:break-all"><a href="{{url}}">{{url}}</a></p>
`,
    'You get this e-mail because somebody asked for it when the job was submitted.',
  ),
};

/** Reads the templates of a folder, any of `subject.txt`, `text.txt` and `html.html`. Built-in templates replace missing ones. */
export async function readTemplates(folder: string | null): Promise<EmailText> {
  if (folder === null) return BUILT_IN;
  const templates = { ...BUILT_IN };
  for (const [part, file] of Object.entries(FILES) as [keyof EmailText, string][]) {
    templates[part] = await readFile(join(folder, file), 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return BUILT_IN[part];
      throw error;
    });
  }
  return templates;
}

const TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

/** A time of the wire for people. */
export function shownTime(time: string): string {
  return Number.isNaN(Date.parse(time)) ? time : `${TIME.format(new Date(time))} UTC`;
}

/** Fills in `{{name}}` (escaped in HTML) and keeps `{{#name}}…{{/name}}` where the value is not empty. */
export function render(templates: EmailText, values: Readonly<Record<string, string>>): EmailText {
  const filled = (template: string, escape: (text: string) => string) =>
    template
      .replace(/\{\{#(\w+)\}\}([\s\S]*?)\{\{\/\1\}\}/g, (_, name: string, inner: string) => (values[name] ? inner : ''))
      .replace(/\{\{(\w+)\}\}/g, (_, name: string) => escape(values[name] ?? ''));
  const plain = (text: string) => text;
  return {
    subject: filled(templates.subject, plain).replace(/\s+/g, ' ').trim(),
    text: filled(templates.text, plain),
    html: filled(templates.html, escapeHtml),
  };
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
