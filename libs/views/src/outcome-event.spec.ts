import { type JsonText, jsonText, writeJson } from '@app/core';
import { sampleJob } from '@app/core/testing';
import fc from 'fast-check';
import { jobEventView } from './event-view.js';
import { jobView } from './job-view.js';
import { outcomeEvent } from './outcome-event.js';

const ended = (result: unknown) => sampleJob({ state: 'succeeded', result: jsonText(result) });

describe('an outcome event', () => {
  test('tells of a success as every other channel does, letter by letter', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    const time = fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true });
    const job = fc.record({
      kind: text,
      queue: text,
      priority: fc.integer({ min: 0, max: 9 }),
      attempt: fc.nat(100),
      maxAttempts: fc.nat(100),
      progress: fc.option(fc.record({ done: fc.nat(), total: fc.nat(), message: text })),
      result: fc.option(fc.json().map((json) => json as JsonText)),
      tags: fc.array(text, { maxLength: 3 }),
      cancelRequested: fc.boolean(),
      events: fc.nat(),
      createdAt: time,
      startedAt: fc.option(time),
      finishedAt: fc.option(time),
    });
    fc.assert(
      fc.property(job, (more) => {
        const succeeded = sampleJob({ state: 'succeeded', ...more });
        expect(outcomeEvent(succeeded).body).toBe(writeJson(jobView(succeeded)));
      }),
    );
  });

  test('carries a result as it is', () => {
    expect(JSON.parse(outcomeEvent(ended({ rows: 1 })).body)).toMatchObject({ result: { rows: 1 } });
    expect(outcomeEvent(ended('x'.repeat(900_000))).body.length).toBeGreaterThan(900_000);
  });

  test.each([
    ['text', 'x'.repeat(2_000_000)],
    ['many members', Array.from({ length: 400_000 }, (_, n) => n)],
    ['a deep list', [[[Array.from({ length: 100 }, () => 'y'.repeat(20_000))]]]],
  ])('leaves out a result that no broker would take, says so and where it is, and a stream does the same (C3): %s', (_, result) => {
    const text = outcomeEvent(ended(result)).body;
    const body: unknown = JSON.parse(text);
    expect(body).toMatchObject({ result: null, resultOmitted: true, links: { self: expect.stringContaining('/jobs/') } });
    expect(text.length).toBeLessThan(5_000);
    const { id: jobId } = ended(null);
    const end = { result: jsonText(result), error: null, progress: null };
    const { data } = jobEventView({ jobId, seq: 1, at: new Date(0), type: 'state', state: 'succeeded', attempt: 1, end });
    expect(data).toMatchObject({ result: null, resultOmitted: true });
  });
});
