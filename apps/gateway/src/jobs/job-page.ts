import type { JobView } from '@app/contracts';
import { isTerminal, writeJson } from '@app/core';
import { escaped, page } from '../http/page.js';
import { filesIn } from './named-files.js';

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
/** The part of a result that is shown, in characters. */
const LONGEST_RESULT = 20_000;

/** A page about a job, for people who follow a link to it. Every text in it is escaped. `againSeconds`: when the page of a job that has not ended reloads. */
export function jobPage(job: JobView, againSeconds: number | undefined): string {
  const again = isTerminal(job.state) || againSeconds === undefined ? undefined : Math.max(5, againSeconds);
  const title = `${job.kind} ${BECAME[job.state]}`;
  const content = `<h1>${escaped(job.kind)} <span>${BECAME[job.state]}</span></h1>
<dl>
${rows(job)
  .map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`)
  .join('\n')}
</dl>
${errorOf(job)}${resultOf(job)}${again === undefined ? '' : `<p class="note">This page looks again every ${again} seconds.</p>\n`}`;
  return page({ title, look: job.state, content, ...(again === undefined ? {} : { refreshSeconds: again }) });
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

/** Indented JSON. Its numbers keep all digits. */
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
