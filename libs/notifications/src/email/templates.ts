import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface EmailText {
  subject: string;
  text: string;
  html: string;
}

/** The files of a folder of templates, each with what stands in for it. */
const FILES: Record<keyof EmailText, string> = { subject: 'subject.txt', text: 'text.txt', html: 'html.html' };

const BUILT_IN: EmailText = {
  subject: '{{kind}} has {{state}}',
  text: `Your job {{kind}} has {{state}} ({{finishedAt}}).
{{#error}}
{{error}}
{{/error}}
{{url}}
`,
  html: `<!doctype html>
<html lang="en"><body>
<p>Your job <b>{{kind}}</b> has {{state}} ({{finishedAt}}).</p>
{{#error}}<p>{{error}}</p>
{{/error}}<p><a href="{{url}}">{{url}}</a></p>
</body></html>
`,
};

/** The templates of a folder, which may hold any of `subject.txt`, `text.txt` and `html.html`; for the others the built-in ones. */
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
