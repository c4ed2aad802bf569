import { type CounterName, COUNTERS, type Definition, type GaugeName, GAUGES, type HistogramName, HISTOGRAMS, type Labels } from '@app/core';
import fc from 'fast-check';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PrometheusMetrics } from './prometheus.js';
import { type Reading, textOf } from './text-format.js';

const metrics = () => new PrometheusMetrics({ kinds: ['known.kind'], queues: ['default'] });

async function linesOf(made: PrometheusMetrics, name: string): Promise<string[]> {
  return (await made.text()).split('\n').filter((line) => line.startsWith(`longhaul_${name}{`) || line.startsWith(`longhaul_${name} `));
}

describe('the metrics of a process', () => {
  test('a total has everything that was counted, at each scrape', async () => {
    const made = metrics();
    made.count('attempts_settled_total', { kind: 'known.kind', outcome: 'succeeded' });
    made.count('attempts_settled_total', { kind: 'known.kind', outcome: 'succeeded' }, 2);
    made.count('attempts_settled_total', { kind: 'known.kind', outcome: 'failed' });
    const first = await linesOf(made, 'attempts_settled_total');
    expect(first).toEqual([
      'longhaul_attempts_settled_total{kind="known.kind",outcome="succeeded"} 3',
      'longhaul_attempts_settled_total{kind="known.kind",outcome="failed"} 1',
    ]);
    expect(await linesOf(made, 'attempts_settled_total')).toEqual(first);
    made.count('attempts_settled_total', { kind: 'known.kind', outcome: 'failed' });
    expect(await linesOf(made, 'attempts_settled_total')).toContain('longhaul_attempts_settled_total{kind="known.kind",outcome="failed"} 2');
  });

  test('labels that are on no list are summed up as one, however many there are', async () => {
    const made = metrics();
    for (let n = 0; n < 3_000; n++) made.count('attempts_settled_total', { kind: `made.up.${String(n)}`, outcome: 'succeeded' });
    expect(await linesOf(made, 'attempts_settled_total')).toEqual(['longhaul_attempts_settled_total{kind="other",outcome="succeeded"} 3000']);
  });

  test('a route that is put on the list later is told from then on', async () => {
    const made = metrics();
    const request = { route: '/late', status: '2xx' };
    made.count('http_requests_total', request);
    made.route('/late');
    made.count('http_requests_total', request);
    const lines = await linesOf(made, 'http_requests_total');
    expect(lines).toHaveLength(2);
    expect(lines.filter((line) => line.includes('route="/late"') && line.endsWith(' 1'))).toHaveLength(1);
  });

  test('of ages that are shown under one name the largest is, of numbers the sum; a bounded label is shown as it comes', async () => {
    const made = metrics();
    const labels = (queue: string) => ({ queue, priority: '9' });
    made.gauge('oldest_waiting_seconds', () => [
      [5, labels('made.up')],
      [7, labels('another')],
      [3, labels('default')],
    ]);
    made.gauge('waiting_jobs', () => [
      [5, { queue: 'made.up' }],
      [7, { queue: 'another' }],
    ]);
    made.gauge('slots_used', () => [[2, { limit: 'partner' }], [4]]);
    expect(await linesOf(made, 'oldest_waiting_seconds')).toEqual([
      'longhaul_oldest_waiting_seconds{queue="other",priority="9"} 7',
      'longhaul_oldest_waiting_seconds{queue="default",priority="9"} 3',
    ]);
    expect(await linesOf(made, 'waiting_jobs')).toEqual(['longhaul_waiting_jobs{queue="other"} 12']);
    expect(await linesOf(made, 'slots_used')).toEqual(['longhaul_slots_used{limit="partner"} 2', 'longhaul_slots_used{limit="other"} 4']);
  });

  test('the text is the one that prom-client would write of the same counts and observations', async () => {
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1, 2, 0.05, 0.005, 60, 86_400, 1e9), fc.nat(1_000));
    const given = (definition: Definition) =>
      fc.record(Object.fromEntries(Object.keys(definition.labels ?? {}).map((label) => [label, fc.constantFrom(...seen(definition, label))])));
    const counted = fc
      .constantFrom(...(Object.keys(COUNTERS) as CounterName[]))
      .chain((name) => fc.record({ counter: fc.constant(name), labels: given(COUNTERS[name]), by: fc.integer({ min: 1, max: 9 }) }));
    const observed = fc
      .constantFrom(...(Object.keys(HISTOGRAMS) as HistogramName[]))
      .chain((name) => fc.record({ histogram: fc.constant(name), labels: given(HISTOGRAMS[name]), value }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(counted, observed)), async (events) => {
        const made = metrics();
        const reference = referenceMetrics();
        for (const event of events) {
          if ('counter' in event) {
            made.count(event.counter, event.labels, event.by);
            reference.counters[event.counter]?.inc(shown(COUNTERS[event.counter], event.labels), event.by);
          } else {
            made.observe(event.histogram, event.value, event.labels);
            reference.histograms[event.histogram]?.observe(shown(HISTOGRAMS[event.histogram], event.labels), event.value);
          }
        }
        const ours = (await made.text()).split('\n').filter((line) => line.includes('longhaul_'));
        expect(ours).toEqual((await reference.registry.metrics()).split('\n').filter((line) => line !== ''));
      }),
      { numRuns: 100 },
    );
  });

  test('states are written as prom-client would write them, those with the same labels as their sum', async () => {
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.constant(Infinity));
    const depth = fc.tuple(value, fc.constantFrom('default', 'made up', 'also made up'));
    await fc.assert(
      fc.asyncProperty(fc.array(depth), fc.array(value), fc.array(fc.nat()), async (depths, rows, totals) => {
        const made = metrics();
        made.gauge('queue_depth', () => depths.map(([jobs, queue]) => [jobs, { queue }]));
        made.gauge('outbox_rows', () => rows.map((n) => [n]));
        made.gauge('stale_slots_total', () => totals.map((n) => [n]));
        const registry = new Registry();
        const options = (name: GaugeName) => referenceOptions(registry, name, GAUGES[name]);
        const [gauge, rowsGauge, counter] = [new Gauge(options('queue_depth')), new Gauge(options('outbox_rows')), new Counter(options('stale_slots_total'))];
        for (const [jobs, queue] of depths) gauge.inc(shown(GAUGES.queue_depth, { queue }), jobs);
        for (const n of rows) rowsGauge.inc(n);
        for (const n of totals) counter.inc(n);
        const ours = (await made.text()).split('\n').filter((line) => /longhaul_(queue_depth|outbox_rows|stale_slots_total)\b/.test(line));
        // Prometheus reads either; the format says NaN.
        const theirs = (await registry.metrics()).replaceAll(/ Nan$/gm, ' NaN').split('\n');
        expect(ours).toEqual(theirs.filter((line) => line !== ''));
      }),
      { numRuns: 100 },
    );
  });

  test('what a text holds is escaped as prom-client escapes it', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\\', '"', '\n', ' ', '{', '}', 'é') });
    await fc.assert(
      fc.asyncProperty(text, text, async (help, label) => {
        const registry = new Registry();
        new Gauge({ name: 'a_metric', help: `help ${help}`, labelNames: ['label'], registers: [registry] }).set({ label }, 1);
        const reading: Reading = { name: 'a_metric', help: `help ${help}`, type: 'gauge', values: [{ labels: { label }, value: 1 }] };
        expect(textOf([reading])).toBe(await registry.metrics());
      }),
    );
  });

  test('a state has one reader, because a scrape with the same metric twice is refused', () => {
    const made = metrics();
    made.gauge('outbox_rows', () => [[1]]);
    expect(() => made.gauge('outbox_rows', () => [[2]])).toThrow('expected one reader of the metric outbox_rows, got a second one');
  });

  test('a state that cannot be read makes the scrape fail, and the next one works', async () => {
    const made = metrics();
    let isReadable = false;
    made.gauge('outbox_rows', () => {
      if (!isReadable) throw new Error('the pool is closed');
      return [[7]];
    });
    await expect(made.text()).rejects.toThrow('the pool is closed');
    isReadable = true;
    expect(await linesOf(made, 'outbox_rows')).toEqual(['longhaul_outbox_rows 7']);
  });

  test('a value that is no finite number is left out, and nothing is thrown', async () => {
    const made = metrics();
    for (const value of [NaN, Infinity, -Infinity, 3]) made.observe('submit_batch_size', value);
    expect(await linesOf(made, 'submit_batch_size_sum')).toEqual(['longhaul_submit_batch_size_sum 3']);
    expect(await linesOf(made, 'submit_batch_size_count')).toEqual(['longhaul_submit_batch_size_count 1']);
  });
});

/** Values of a label that are on its list, and one that is not. */
function seen({ labels = {} }: Definition, label: string): string[] {
  const list = labels[label] ?? [];
  return [...(typeof list === 'string' ? ['known.kind', 'default'] : list.slice(0, 3)), 'made up'];
}

function shown({ labels = {} }: Definition, given: Labels): Labels {
  const known = { kinds: ['known.kind'], queues: ['default'], routes: [] as string[], bounded: [] as string[] };
  return Object.fromEntries(
    Object.entries(labels).map(([label, list]) => [
      label,
      (typeof list === 'string' ? known[list] : list).includes(given[label] ?? '') ? given[label] : 'other',
    ]),
  ) as Labels;
}

function referenceOptions(registry: Registry, name: string, { help, labels = {} }: Pick<Definition, 'help' | 'labels'>) {
  return { name: `longhaul_${name}`, help, labelNames: Object.keys(labels), registers: [registry] };
}

function referenceMetrics() {
  const registry = new Registry();
  const options = (name: string, definition: Definition) => referenceOptions(registry, name, definition);
  const counters = Object.fromEntries(Object.entries<Definition>(COUNTERS).map(([name, definition]) => [name, new Counter(options(name, definition))]));
  const histograms = Object.fromEntries(
    Object.entries<Definition>(HISTOGRAMS).map(([name, definition]) => [
      name,
      new Histogram({ ...options(name, definition), buckets: definition.buckets ?? [] }),
    ]),
  );
  return { registry, counters, histograms };
}
