import { createHash } from 'node:crypto';
import type { JobView } from '@app/contracts';
import { isTerminal, publicPath, writeJson } from '@app/core';

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

/** Nothing is loaded and no script runs; the one style is told by its hash. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const BECAME: Record<JobView['state'], string> = {
  scheduled: 'is scheduled',
  queued: 'is waiting',
  running: 'is running',
  succeeded: 'has succeeded',
  failed: 'has failed',
  cancelled: 'was cancelled',
};
const TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
/** Of a result, in characters. */
const LONGEST_RESULT = 20_000;
const MOST_FILES = 50;

/** A job for a person who follows a link to it. Every text in it is escaped. `againSeconds`: when a job that has not ended is worth another look. */
export function jobPage(job: JobView, againSeconds: number | undefined): string {
  const again = isTerminal(job.state) || againSeconds === undefined ? undefined : Math.max(5, againSeconds);
  const title = `${job.kind} ${BECAME[job.state]}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${again === undefined ? '' : `<meta http-equiv="refresh" content="${again}">\n`}<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main class="${job.state}">
<h1>${escaped(job.kind)} <span>${BECAME[job.state]}</span></h1>
<dl>
${rows(job)
  .map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`)
  .join('\n')}
</dl>
${errorOf(job)}${resultOf(job)}${again === undefined ? '' : `<p class="note">This page looks again every ${again} seconds.</p>\n`}</main>
</body>
</html>
`;
}

function rows(job: JobView): [name: string, html: string][] {
  const { progress, startedAt, finishedAt, runAt, attempt, maxAttempts } = job;
  const found: [string, string][] = [];
  if (job.cancelRequested && !isTerminal(job.state)) found.push(['State', 'asked to stop']);
  if (progress) found.push(['Progress', progressOf(progress, job.state)]);
  if (runAt) found.push(['Due', timeOf(runAt)]);
  if (finishedAt) found.push(['Finished', timeOf(finishedAt)]);
  if (startedAt) found.push(['Started', timeOf(startedAt)]);
  if (startedAt && finishedAt) found.push(['Took', tookOf(Date.parse(finishedAt) - Date.parse(startedAt))]);
  found.push(['Submitted', timeOf(job.createdAt)]);
  if (attempt > 0) found.push(['Attempt', `${attempt} of ${maxAttempts}`]);
  if (job.tags.length > 0) found.push(['Tags', escaped(job.tags.join(', '))]);
  found.push(['Queue', escaped(job.queue)], ['Job', job.id]);
  return found;
}

function progressOf({ done, total, message, estimatedEnd }: NonNullable<JobView['progress']>, state: JobView['state']): string {
  const share = total === undefined || total <= 0 ? undefined : Math.max(0, Math.min(1, done / total));
  const count = total === undefined ? NUMBER.format(done) : `${NUMBER.format(done)} of ${NUMBER.format(total)}`;
  const bar = share === undefined ? '' : `<progress max="100" value="${(share * 100).toFixed(1)}"></progress><br>`;
  const end = estimatedEnd !== undefined && state === 'running' ? `, through at about ${timeOf(estimatedEnd)}` : '';
  return `${bar}${count}${share === undefined ? '' : ` (${Math.floor(share * 100)} %)`}${message === undefined ? '' : `: ${escaped(message)}`}${end}`;
}

function errorOf({ error }: JobView): string {
  if (!error) return '';
  return `<h2>Reason: ${escaped(error.code)}</h2>\n<pre class="error">${escaped(error.message)}</pre>\n`;
}

function resultOf({ state, result }: JobView): string {
  if (state !== 'succeeded') return '';
  const text = writeJson(result);
  const links = filesIn(JSON.parse(text)).map(({ name, url }) => `<li><a href="${escaped(url)}">${escaped(name)}</a></li>`);
  const files = links.length === 0 ? '' : `<h2>Files</h2>\n<ul>${links.join('')}</ul>\n`;
  if (text === 'null') return '';
  const shown = indented(text.slice(0, LONGEST_RESULT).toWellFormed());
  const rest =
    text.length > LONGEST_RESULT ? `<p class="note">The first ${NUMBER.format(LONGEST_RESULT)} characters; programs get the whole result as JSON.</p>\n` : '';
  return `${files}<h2>Result</h2>\n<pre>${escaped(shown)}</pre>\n${rest}`;
}

/** What a result says of files that are stored here; nothing else of it becomes a link. */
function filesIn(value: unknown): { name: string; url: string }[] {
  const found: { name: string; url: string }[] = [];
  const beginning = publicPath('/files/');
  const look = (member: unknown, name: string): void => {
    if (typeof member !== 'object' || member === null || found.length >= MOST_FILES) return;
    const { url } = member as { url?: unknown };
    if (typeof url === 'string' && url.startsWith(beginning) && /^[\w/.-]+$/.test(url)) found.push({ name, url });
    else for (const [inner, one] of Object.entries(member)) look(one, Array.isArray(member) ? `${name} ${inner}` : inner);
  };
  look(value, 'file');
  return found;
}

/** JSON in lines, its numbers as they are written. */
function indented(json: string): string {
  let depth = 0;
  return json.replace(/"(?:[^"\\]|\\.)*"?|[{}[\],:]/g, (token, at: number) => {
    const line = (): string => `\n${'  '.repeat(Math.min(depth, 20))}`;
    switch (token) {
      case '{':
      case '[':
        depth++;
        return /[}\]]/.test(json[at + 1] ?? '') ? token : token + line();
      case '}':
      case ']':
        depth--;
        return /[{[]/.test(json[at - 1] ?? '') ? token : line() + token;
      case ',':
        return token + line();
      case ':':
        return ': ';
      default:
        return token;
    }
  });
}

function timeOf(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? escaped(time) : `<time datetime="${date.toISOString()}">${TIME.format(date)} UTC</time>`;
}

function tookOf(ms: number): string {
  if (ms < 10_000) return `${NUMBER.format(Math.max(0, ms) / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(Math.max(0, first), first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
