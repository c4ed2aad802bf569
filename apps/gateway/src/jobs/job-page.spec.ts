import { createHash } from 'node:crypto';
import type { JobView } from '@app/contracts';
import { PAGE_POLICY } from '../http/page.js';
import { jobPage } from './job-page.js';

const JOB: JobView = {
  id: '01890000-0000-7000-8000-000000000007',
  kind: 'report.aggregate',
  queue: 'default',
  state: 'succeeded',
  priority: 4,
  attempt: 1,
  maxAttempts: 5,
  progress: { done: 1200, total: 3000, message: 'rows <b>' },
  result: { rows: 48, files: { pdf: { fileId: 'x', url: '/files/01890000-0000-7000-8000-000000000001/content' }, bad: { url: 'javascript:alert(1)' } } },
  error: null,
  tags: ['<i>'],
  cancelRequested: false,
  runAt: null,
  createdAt: '2026-11-28T09:12:00.000Z',
  startedAt: '2026-11-28T09:12:05.000Z',
  finishedAt: '2026-11-28T09:14:17.000Z',
  lastEventId: 4,
  links: { self: '/jobs/1', events: '/jobs/1/events' },
};

describe('the page of a job', () => {
  test('says in words what became of it, when, and where its files are (C36)', () => {
    const page = jobPage(JOB, undefined);
    for (const text of ['has succeeded', '28 November 2026 at 09:14 UTC', '2 min 12 s', '1,200 of 3,000 (40 %)', '1 of 5', '&quot;rows&quot;: 48'])
      expect(page).toContain(text);
    expect(page).toContain('<a href="/files/01890000-0000-7000-8000-000000000001/content">pdf</a>');
  });

  test('escapes every text, links to its own files alone, and runs nothing (C36)', () => {
    const nasty = '"><script>alert(1)</script>';
    const failed = { ...JOB, kind: nasty, queue: nasty, tags: [nasty], state: 'failed' as const, error: { code: nasty, message: nasty, attempt: 1, at: '' } };
    for (const page of [jobPage(failed, undefined), jobPage({ ...JOB, result: { [nasty]: nasty } }, undefined), jobPage(JOB, undefined)]) {
      expect(page).not.toMatch(/<script|<b>|<i>|href="javascript/);
    }
    const style = /<style>([^<]*)<\/style>/.exec(jobPage(JOB, undefined))?.[1] ?? '';
    expect(PAGE_POLICY).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(PAGE_POLICY).not.toContain('unsafe');
    expect(jobPage(JOB, undefined)).not.toMatch(/ style=/);
  });

  test('looks again by itself while the job has not ended, and never after (C36)', () => {
    expect(jobPage({ ...JOB, state: 'running', finishedAt: null }, 2)).toContain('<meta http-equiv="refresh" content="5">');
    expect(jobPage(JOB, 2)).not.toContain('refresh');
  });
});
