import { Refusal } from '@app/core';
import type { FastifyReply } from 'fastify';
import { problemOf, sendProblem } from './problem.filter.js';

describe('a problem', () => {
  test('stays short whatever a caller sent that it tells of (E10)', () => {
    const long = '😀'.repeat(500_000);
    const faults = Array.from({ length: 10_000 }, () => ({ pointer: `/${long}`, detail: long }));
    const problem = problemOf(new Refusal('invalid_payload', long, faults), `/jobs/${long}`);
    const text = JSON.stringify(problem);
    expect(text.length).toBeLessThan(51 * 2_600 + 5_000);
    expect(text.isWellFormed()).toBe(true);
    expect(problem.errors).toHaveLength(51);
    expect(problemOf(new Refusal('invalid_payload', 'short', [{ pointer: '/a', detail: 'b' }]), '/jobs')).toMatchObject({
      detail: 'short',
      instance: '/jobs',
      errors: [{ pointer: '/a', detail: 'b' }],
    });
  });

  test.each([
    ['submit_in_progress', '1'],
    ['unavailable', '1'],
    ['state_forbids', undefined],
    ['invalid_payload', undefined],
  ] as const)('names a time to try again only where the same request may pass then: %s', (code, expected) => {
    const headers = new Map<string, string>();
    const reply = { header: (name: string, value: string) => (headers.set(name, value), reply), code: () => reply, send: () => reply };
    sendProblem(reply as unknown as FastifyReply, problemOf(new Refusal(code, 'no'), '/jobs'));
    expect(headers.get('retry-after')).toBe(expected);
  });
});
