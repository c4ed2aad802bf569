import { readdirSync } from 'node:fs';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { waitFor } from '../../../../test/support/wait-for.js';
import { processMetrics } from './process-metrics.js';
import { type Reading, textOf } from './text-format.js';

const sources = processMetrics();
const read = () => new Map(sources.flatMap((source) => source()).map((reading): [string, Reading] => [reading.name, reading]));
const valueOf = (name: string, at = read()) => at.get(name)?.values[0]?.value;

/** Name and type of each metric, and the names of labels of each line. */
function shapeOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('# HELP'));
  const shapes = lines.map((line) => (line.startsWith('#') ? line : line.replace(/ \S+$/, '').replaceAll(/="[^"]*"/g, '')));
  return [...new Set(shapes)].sort();
}

/** Those lines come and go: of what is open just now, and of collections that have been. */
const isLasting = (shape: string) => shape.startsWith('#') || !/^nodejs_(active_|gc_)/.test(shape);

describe('the metrics of the process itself', () => {
  test('have the names, types and labels that prom-client gives them', async () => {
    const register = new Registry();
    collectDefaultMetrics({ register });
    const expected = shapeOf(await register.metrics()).filter(isLasting);
    expect(shapeOf(textOf([...read().values()])).filter(isLasting)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(40);
  });

  test('tell memory, CPU time and files as they are', () => {
    const before = read();
    const rss = process.memoryUsage.rss();
    expect(Math.abs((valueOf('process_resident_memory_bytes', before) ?? 0) / rss - 1)).toBeLessThan(0.5);
    const until = process.cpuUsage().user + 50_000;
    while (process.cpuUsage().user < until);
    const spent = (valueOf('process_cpu_user_seconds_total') ?? 0) - (valueOf('process_cpu_user_seconds_total', before) ?? 0);
    expect(spent).toBeGreaterThanOrEqual(0.05);
    expect(Math.abs((valueOf('process_start_time_seconds') ?? 0) - (Date.now() / 1_000 - process.uptime()))).toBeLessThan(2);
    if (process.platform === 'linux') expect(Math.abs((valueOf('process_open_fds') ?? 0) - readdirSync('/proc/self/fd').length)).toBeLessThan(5);
  });

  test('tell the delays of the event loop since the last scrape, not those before', async () => {
    let greatest = 0;
    let isBlocked = false;
    // The delay is known when the timer that was late has run, so one poll blocks and the next one reads.
    await waitFor('a delay of the event loop to be told', () => {
      isBlocked = !isBlocked;
      if (!isBlocked) return (greatest = valueOf('nodejs_eventloop_lag_max_seconds') ?? 0) >= 0.1;
      const until = performance.now() + 200;
      while (performance.now() < until);
      return false;
    });
    expect(greatest).toBeLessThan(60);
    await waitFor('a scrape without that delay', () => (valueOf('nodejs_eventloop_lag_max_seconds') ?? 1) < 0.1);
  });

  test('count every garbage collection by its kind', async () => {
    const counted = () => {
      const lines = read().get('nodejs_gc_duration_seconds')?.values ?? [];
      return lines.filter((line) => line.metricName?.endsWith('_count') && line.labels['kind'] === 'minor')[0]?.value ?? 0;
    };
    const before = counted();
    const kept: object[] = [];
    await waitFor('a collection of young objects to be counted', () => {
      for (let n = 0; n < 200_000; n++) kept[n % 1_000] = { n };
      return new Promise<boolean>((resolve) => setImmediate(() => resolve(counted() > before)));
    });
  });
});
