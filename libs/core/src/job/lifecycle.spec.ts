import { isTerminal, JOB_EVENTS, JOB_STATES, nextState, statesAllowing, transition } from './lifecycle.js';

describe('the lifecycle', () => {
  test('nothing but a redrive leaves a terminal state', () => {
    const exits = JOB_STATES.filter(isTerminal).flatMap((state) => JOB_EVENTS.filter((event) => nextState(state, event) !== undefined));
    expect(exits).toEqual(['redriven']);
  });

  test('every state but the first can be reached, and every state leads to an end', () => {
    const reached = new Set(['scheduled', 'queued']);
    for (const state of JOB_STATES) for (const event of JOB_EVENTS) reached.add(nextState(state, event) ?? 'queued');
    expect([...reached].sort()).toEqual([...JOB_STATES].sort());
    for (const state of JOB_STATES.filter((candidate) => !isTerminal(candidate))) expect(nextState(state, 'cancelled')).toBe('cancelled');
  });

  test('an event that the state does not allow is an error that names both', () => {
    expect(() => transition('succeeded', 'claimed')).toThrow('expected an event that a succeeded job allows, got: claimed');
    expect(statesAllowing('cancelled')).toEqual(['scheduled', 'queued', 'running']);
  });
});
