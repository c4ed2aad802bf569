import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2939; --faint: #667085; --page: #f2f4f7; --card: #fff; --rule: #e4e7ec; --soft: #f9fafb; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7ec; --faint: #98a2b3; --page: #0c111d; --card: #161b26; --rule: #333741; --soft: #1f242f; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 32px 16px; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 640px; margin: 0 auto; padding: 28px 32px; background: var(--card); border: 1px solid var(--rule); border-top: 4px solid var(--state); border-radius: 8px; }
h1 { margin: 0 0 20px; font-size: 20px; line-height: 1.3; overflow-wrap: anywhere; }
h1 span { color: var(--state); white-space: nowrap; }
h2 { margin: 24px 0 8px; font-size: 14px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
progress { width: 100%; height: 10px; accent-color: var(--state); }
pre { margin: 0; padding: 12px 14px; max-height: 60vh; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); border: 1px solid var(--rule); border-radius: 6px; font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace; }
.error { border-left: 3px solid var(--state); }
ul { margin: 0; padding-left: 20px; }
a { color: #175cd3; }
@media (prefers-color-scheme: dark) { a { color: #84adff; } }
.note { margin: 16px 0 0; color: var(--faint); font-size: 13px; }
.scheduled, .queued, .running { --state: #175cd3; }
.succeeded { --state: #1a7f37; }
.failed { --state: #d92d20; }
.cancelled { --state: #667085; }
@media (prefers-color-scheme: dark) { .scheduled, .queued, .running { --state: #84adff; } .succeeded { --state: #47cd89; } .failed { --state: #f97066; } .cancelled { --state: #98a2b3; } }
@media (max-width: 480px) { body { padding: 0; } main { padding: 20px 16px; border-width: 4px 0 0; border-radius: 0; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; } }
`;

/** A content security policy: nothing is loaded and no script runs; only this style is allowed. */
export function policyOf(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

export const PAGE_POLICY = policyOf(STYLE);

export interface Page {
  title: string;
  /** The CSS class of the page: the state of a job, which gives the page its color. */
  look: string;
  /** HTML, in which every text is escaped. */
  content: string;
  /** The seconds after which the page reloads. */
  refreshSeconds?: number;
}

/** A page for people. Send it with `PAGE_POLICY`. */
export function page({ title, look, content, refreshSeconds }: Page): string {
  return htmlDocument({ title, style: STYLE, refreshSeconds, body: `<body>\n<main class="${look}">\n${content}</main>\n</body>` });
}

interface HtmlDocument {
  title: string;
  style: string;
  refreshSeconds: number | undefined;
  /** Whether search engines are asked to leave it out. */
  unlisted?: boolean;
  /** The element, in which every text is escaped. */
  body: string;
}

/** A document without scripts. Send it with the policy of its style. */
export function htmlDocument({ title, style, refreshSeconds, unlisted = false, body }: HtmlDocument): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${unlisted ? '<meta name="robots" content="noindex">\n' : ''}${refreshSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${refreshSeconds}">\n`}<title>${escaped(title)}</title>
<style>${style}</style>
</head>
${body}
</html>
`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
