import { type JobState, type JobSummary, type JsonText, seenBelow, writeJson } from '@app/core';
import { sampleJob } from '@app/core/testing';
import fc from 'fast-check';
import { jobText, jobView } from './job-view.js';

afterEach(() => seenBelow(''));

const STATES: JobState[] = ['scheduled', 'queued', 'running', 'succeeded', 'failed', 'cancelled'];
const text = fc.string({ unit: 'binary', maxLength: 20 });
const time = fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true });
const error = fc.constant({ code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: '2026-01-01T00:00:00Z' });

const scheduled = fc.option(fc.record({ id: text, tick: time, previousTick: fc.option(time) }), { nil: undefined });

const jobs: fc.Arbitrary<JobSummary> = fc
  .record({
    state: fc.constantFrom(...STATES),
    kind: text,
    queue: text,
    priority: fc.nat(9),
    attempt: fc.nat(100),
    maxAttempts: fc.nat(100),
    progress: fc.option(fc.record({ done: fc.nat(), total: fc.nat(), message: text })),
    result: fc.option(fc.oneof(fc.json(), fc.constant('{"n":12345678901234567890}')).map((json) => json as JsonText)),
    errors: fc.array(error, { maxLength: 1 }),
    tags: fc.array(text, { maxLength: 3 }),
    cancelRequested: fc.boolean(),
    redrives: fc.nat(3),
    events: fc.nat(),
    runAt: fc.option(time),
    createdAt: time,
    startedAt: fc.option(time),
    finishedAt: fc.option(time),
  })
  .chain((more) => scheduled.map((schedule) => sampleJob(schedule === undefined ? more : { ...more, schedule })));

test('the text of a job is the JSON of its view, letter by letter, whatever its state', () => {
  fc.assert(
    fc.property(jobs, fc.constantFrom('', '/below', '/"'), (job, below) => {
      seenBelow(below);
      expect(jobText(job)).toBe(writeJson(jobView(job)));
    }),
    { numRuns: 500 },
  );
});
