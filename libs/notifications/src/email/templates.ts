import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buttonRow, emailHtml, factRow, lineRow, linkRow, quoteRow } from './email-look.js';

export interface EmailText {
  subject: string;
  text: string;
  html: string;
}

/** The file of each template in a folder of templates. */
const FILES: Record<keyof EmailText, string> = { subject: 'subject.txt', text: 'text.txt', html: 'html.html' };

const WHY = 'You get this because your address was given when it was asked for.';

const BUILT_IN: EmailText = {
  subject: '{{heading}}',
  text: `{{heading}}.
{{#error}}
{{error}}
{{/error}}
Finished  {{finished}}
{{#shownCode}}Reason    {{shownCode}}
{{/shownCode}}{{#shownId}}Job       {{shownId}}
{{/shownId}}
{{url}}

You get this because your address was given when it was asked for.
`,
  html: emailHtml({
    title: '{{heading}}',
    preview: '{{sentence}}',
    badge: '{{badge}}',
    heading: '{{heading}}',
    rows: [
      lineRow('{{sentence}}'),
      `{{#error}}${quoteRow('{{error}}')}{{/error}}`,
      buttonRow('{{action}}', '{{url}}'),
      `{{#shownCode}}${factRow('Reason', '{{shownCode}}')}{{/shownCode}}`,
      `{{#shownId}}${factRow('Job', '<span style="font-family:Menlo,Consolas,monospace;font-size:12px">{{shownId}}</span>')}{{/shownId}}`,
      linkRow('The button leads here:', '{{url}}'),
    ].join(''),
    why: WHY,
  }),
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

/** A time of the wire for people: `28 November 2026 at 09:14 UTC`. */
export function shownTime(time: string, timeZone: string): string {
  if (Number.isNaN(Date.parse(time))) return time;
  const shown = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone }).format(new Date(time));
  return `${shown} ${timeZone}`;
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
