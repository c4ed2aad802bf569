import { jsonText } from '@app/core';
import { sampleJob } from '@app/core/testing';
import { jobEventView } from './event-view.js';
import { outcomeEvent } from './outcome-event.js';

const ended = (result: unknown) => sampleJob({ state: 'succeeded', result: jsonText(result) });

describe('an outcome event', () => {
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
