import { kindPolicy } from '@app/core';
import { WakeUpMeter } from './wake-up-meter.js';

const kinds = { policy: (kind: string) => kindPolicy({ kind, isolated: kind === 'test.isolated' }) };

function ran(kind: string, ...ms: number[]): WakeUpMeter {
  const meter = new WakeUpMeter(kinds);
  for (const each of ms) meter.observe(kind, each);
  return meter;
}

const times = (count: number, ms: number) => Array.from({ length: count }, () => ms);

describe('how many jobs one message may hold', () => {
  test('is as many as nine in ten times take half a second one after the other', () => {
    expect(ran('test.quick', ...times(90, 10), ...times(10, 9_000)).takeChanged()).toEqual(new Map([['test.quick', 1]]));
    expect(ran('test.quick', ...times(95, 10), ...times(5, 9_000)).takeChanged()).toEqual(new Map([['test.quick', 50]]));
  });

  test('is 64 at most, and one for jobs that take longer', () => {
    expect(ran('test.quick', ...times(20, 0.1)).takeChanged()).toEqual(new Map([['test.quick', 64]]));
    expect(ran('test.slow', ...times(20, 2_000)).takeChanged()).toEqual(new Map([['test.slow', 1]]));
  });

  test('is one until twenty have run, and for isolated kinds, of which each may take its process with it', () => {
    expect(ran('test.quick', ...times(19, 1)).takeChanged()).toEqual(new Map());
    expect(ran('test.isolated', ...times(200, 1)).takeChanged()).toEqual(new Map([['test.isolated', 1]]));
  });

  test('is told by a process that has just begun too, for another may have measured otherwise; then only when it has changed', () => {
    const meter = ran('test.quick', ...times(200, 1));
    expect(meter.takeChanged()).toEqual(new Map([['test.quick', 64]]));
    expect(meter.takeChanged()).toEqual(new Map());
    for (const each of times(200, 100)) meter.observe('test.quick', each);
    expect(meter.takeChanged()).toEqual(new Map([['test.quick', 5]]));
  });
});
