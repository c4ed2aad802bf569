import { type JobSummary, seenBelow, writeJson } from '@app/core';
import { sampleJob } from '@app/core/testing';
import fc from 'fast-check';
import { acceptedText } from './accepted-text.js';
import { jobView } from './job-view.js';

afterEach(() => seenBelow(''));

const time = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(8e12) });
const newJob = fc.record({
  kind: fc.string(),
  queue: fc.string(),
  priority: fc.nat(9),
  maxAttempts: fc.integer({ min: 1, max: 100 }),
  tags: fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }),
});

test('the text of a job that was accepted just now is the JSON of its view', () => {
  fc.assert(
    fc.property(
      newJob,
      fc.constantFrom('queued' as const, 'scheduled' as const),
      time,
      fc.option(time),
      fc.constantFrom('', '/below', '/"'),
      (more, state, createdAt, runAt, below) => {
        seenBelow(below);
        const job = sampleJob({ ...more, state, createdAt, runAt });
        expect(acceptedText(job)).toBe(writeJson(jobView(job)));
      },
    ),
  );
});

test.each<Partial<JobSummary>>([
  { state: 'running', events: 2, attempt: 1, startedAt: new Date(5), progress: { done: 1, total: 2 } },
  { state: 'succeeded', events: 3, attempt: 1, finishedAt: new Date(9), result: '{"n":12345678901234567890}' as JobSummary['result'] },
  { state: 'failed', events: 3, attempt: 1, errors: [{ code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: '2026-01-01T00:00:00Z' }] },
  { state: 'cancelled', events: 2, cancelRequested: true },
  { state: 'queued', events: 5, attempt: 2, cancelRequested: true, redrives: 1 },
])('the text of a job to which something has happened is that too: %j', (more) => {
  const job = sampleJob(more);
  expect(acceptedText(job)).toBe(writeJson(jobView(job)));
});
