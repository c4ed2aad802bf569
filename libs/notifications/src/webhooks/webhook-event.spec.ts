import { jsonText } from '@app/core';
import { sampleJob } from '@app/core/testing';
import { wants, webhookBody, webhookId } from './webhook-event.js';

const job = sampleJob({
  kind: 'report.render',
  state: 'succeeded',
  tags: ['vip'],
  result: jsonText({ rows: 1 }),
  finishedAt: new Date('2026-01-31T08:00:01.000Z'),
});
const NONE = { events: [], kinds: [], tags: [] };

describe('an endpoint', () => {
  it.each([
    [{}, true],
    [{ events: ['job.succeeded'] }, true],
    [{ events: ['job.failed', 'job.cancelled'] }, false],
    [{ kinds: ['report.render'] }, true],
    [{ kinds: ['report.*'] }, true],
    [{ kinds: ['report.rend'] }, false],
    [{ kinds: ['rep.*'] }, false],
    [{ tags: ['other', 'vip'] }, true],
    [{ tags: ['other'] }, false],
    [{ kinds: ['report.*'], tags: ['other'] }, false],
  ])('with the filters %j wants a succeeded report of a vip: %s', (filters, wanted) => {
    expect(wants({ ...NONE, ...filters }, job)).toBe(wanted);
  });
});

describe('a webhook', () => {
  it('has the same id for one outcome and one receiver, and another for each other', () => {
    const ids = [
      webhookId(job, null),
      webhookId(job, 'a'),
      webhookId(job, 'b'),
      webhookId({ ...job, redrives: 1 }, 'a'),
      webhookId({ ...job, state: 'failed' }, 'a'),
    ];
    expect(new Set(ids).size).toBe(5);
    expect(webhookId({ ...job }, 'a')).toBe(ids[1]);
    for (const id of ids) expect(id).toMatch(/^msg_[0-9a-f]{32}$/);
  });

  it('carries the job with links that work from outside', () => {
    const body = JSON.parse(webhookBody(job, 'https://jobs.example.com')) as { data: object };
    expect(body).toMatchObject({ type: 'job.succeeded', timestamp: '2026-01-31T08:00:01.000Z', data: { id: job.id, result: { rows: 1 } } });
    expect(body.data).toMatchObject({ links: { self: `https://jobs.example.com/jobs/${job.id}` } });
  });

  it('stays below 20 kB: what is too large is left out', () => {
    const large = webhookBody({ ...job, result: jsonText('ä'.repeat(15_000)), progress: { done: 1, message: 'x'.repeat(30_000) } }, null);
    expect(Buffer.byteLength(large)).toBeLessThan(20_000);
    expect(JSON.parse(large)).toMatchObject({ data: { result: null, resultOmitted: true, progress: null } });
    expect(JSON.parse(webhookBody({ ...job, result: jsonText('x'.repeat(15_000)) }, null))).not.toHaveProperty('data.resultOmitted');
  });
});
