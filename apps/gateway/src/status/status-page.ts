import { isTerminal, type JobSummary } from '@app/core';
import type { StatusLink } from '@app/host';
import { escaped, htmlDocument, policyOf } from '../http/page.js';
import { BRAND, icon, type Look, STATUS_STYLE } from './status-style.js';

/** Nothing is loaded and no script runs. */
export const STATUS_POLICY = policyOf(STATUS_STYLE);

/** Something that the reader may download: its address is below that of the page. */
export interface Download {
  name: string;
  about: string;
  path: string;
}

export interface Showing {
  /** The address of the page. */
  base: string;
  /** When it reloads, while the job has not ended; null where its reader has stopped that: a page that changes by itself disturbs some, such as users of screen readers. */
  againSeconds: number | null;
  /** The store's time, in milliseconds. */
  now: number;
}

/** The query of a page that does not reload by itself. */
export const LOOK_ONCE = 'look=once';

const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/**
 * How a job stands, for the one who waits for it: no id, no kind, no queue, no text of an error. Every text in it is escaped. */
export function statusPage(job: JobSummary, link: StatusLink, downloads: readonly Download[], { base, againSeconds, now }: Showing): string {
  const again = isTerminal(job.state) || againSeconds === null ? undefined : againSeconds;
  const times = new Times(link.timezone);
  const title = link.title ?? 'Your request';
  const state = wordsOf(job);
  const content = `<div class="head">${icon(job.state)}<div><h1>${state}</h1>
<p>${escaped(title)}</p></div></div>
${progressOf(job, times, now)}${noteOf(job)}${listOf(downloads, base)}<dl>
${factsOf(job, times)
  .map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`)
  .join('\n')}
</dl>
`;
  const looks = isTerminal(job.state)
    ? ''
    : again === undefined
      ? ` <a href="${escaped(base)}">Look again every few seconds</a>`
      : ` The page looks again every ${again} seconds. <a href="${escaped(base)}?${LOOK_ONCE}">Stop that</a>`;
  const footer = `Times are of ${escaped(link.timezone)}.${looks}<br>This link is for you. It ends on ${times.of(new Date(link.until))}.`;
  return brandedPage({ title: `${state}: ${title}`, look: job.state, content, footer, again });
}

/** The same for a link that has ended, one that nobody has made, and one whose job is gone: it tells nothing of them. */
export const DEAD_LINK_PAGE = brandedPage({
  title: 'This link does not work',
  look: 'cancelled',
  content: `<div class="head">${icon('cancelled')}<div><h1>This link does not work</h1></div></div>
<p>It has ended, what it led to is not kept any more, or a part of it is missing. Ask for another one where you have it from.</p>
`,
});

export const BUSY_SECONDS = 10;

export const BUSY_PAGE = brandedPage({
  title: 'Not now',
  look: 'queued',
  content: `<div class="head">${icon('queued')}<div><h1>Not now</h1></div></div>
<p>This page cannot be shown at the moment. Nothing is lost by that. It tries again by itself every ${BUSY_SECONDS} seconds.</p>
`,
  again: BUSY_SECONDS,
});

/** 88 kB. */
export function sizeOf(bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${NUMBER.format(bytes / 1_000 ** power)} ${UNITS[power]}`;
}

function wordsOf({ state, attempt, cancelRequested }: JobSummary): string {
  if (cancelRequested && !isTerminal(state)) return 'Being stopped';
  switch (state) {
    case 'scheduled':
      return attempt > 0 ? 'Tried again soon' : 'Planned';
    case 'queued':
      return 'Waiting for its turn';
    case 'running':
      return 'Being worked on';
    case 'succeeded':
      return 'Ready';
    case 'failed':
      return 'It could not be completed';
    case 'cancelled':
      return 'Cancelled';
  }
}

function factsOf({ state, createdAt, startedAt, runAt, finishedAt }: JobSummary, times: Times): [name: string, html: string][] {
  const found: [string, string][] = [['Asked for', times.of(createdAt)]];
  if (state === 'scheduled' && runAt) found.push(['Begins', times.of(runAt)]);
  if (state === 'running' && startedAt) found.push(['Begun', times.of(startedAt)]);
  if (finishedAt && isTerminal(state)) found.push([state === 'succeeded' ? 'Ready since' : 'Ended', times.of(finishedAt)]);
  return found;
}

function progressOf({ state, progress }: JobSummary, times: Times, now: number): string {
  if (state !== 'running' || !progress) return '';
  const { done, total, message, estimatedEnd } = progress;
  const share = total === undefined || total <= 0 ? undefined : Math.max(0, Math.min(1, done / total));
  const end = estimatedEnd === undefined ? undefined : new Date(estimatedEnd);
  const left = end && leftOf(end.getTime() - now);
  const bar = share === undefined ? '' : `<progress max="100" value="${(share * 100).toFixed(1)}" aria-label="Progress"></progress>\n`;
  const count = total === undefined ? NUMBER.format(done) : `${NUMBER.format(done)} of ${NUMBER.format(total)}`;
  return `${left === undefined ? '' : `<div class="big">${left} <span>left</span></div>\n`}${bar}<p class="row"><span>${count}</span>${
    end ? `<span>ready at about ${times.clock(end)}</span>` : ''
  }</p>
${message === undefined ? '' : `<p class="doing">${escaped(message)}</p>\n`}`;
}

function leftOf(ms: number): string | undefined {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 1) return undefined;
  if (seconds < 60) return `About ${seconds} s`;
  return seconds < 5_400 ? `About ${Math.round(seconds / 60)} min` : `About ${Math.round(seconds / 3_600)} h`;
}

function noteOf({ state }: JobSummary): string {
  if (state === 'failed')
    return '<p>There is nothing that you can do here. Whoever gave you this link can find out why, and have it tried again. This page then says so.</p>\n';
  return state === 'scheduled' || state === 'queued' || state === 'running' ? '<p>You may close this page: nothing depends on it.</p>\n' : '';
}

function listOf(downloads: readonly Download[], base: string): string {
  if (downloads.length === 0) return '';
  const items = downloads.map(
    ({ name, about, path }) =>
      `<li><div><b>${escaped(name)}</b><small>${escaped(about)}</small></div><a href="${escaped(base + path)}" aria-label="Download ${escaped(name)}">Download</a></li>`,
  );
  return `<ul>\n${items.join('\n')}\n</ul>\n`;
}

/** In words, and of one zone: without a script nobody knows that of the reader. */
class Times {
  private readonly long: Intl.DateTimeFormat;
  private readonly short: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.long = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone });
    this.short = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone });
  }

  of(at: Date): string {
    return `<time datetime="${at.toISOString()}">${this.long.format(at)}</time>`;
  }

  clock(at: Date): string {
    return `<time datetime="${at.toISOString()}">${this.short.format(at)}</time>`;
  }
}

interface Branded {
  title: string;
  look: Look;
  /** HTML, in which every text is escaped. */
  content: string;
  footer?: string;
  again?: number | undefined;
}

/** A page with our name above it, for people who have no key. Send it with `STATUS_POLICY`. */
export function brandedPage({ title, look, content, footer = '', again }: Branded): string {
  const body = `<body class="${look}">\n${BRAND}\n<main>\n${content}</main>\n<footer>${footer}</footer>\n</body>`;
  return htmlDocument({ title, style: STATUS_STYLE, refreshSeconds: again, unlisted: true, body });
}
