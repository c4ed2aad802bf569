import { Refusal } from '@app/core';
import { problemOf } from './problem.filter.js';

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
});
