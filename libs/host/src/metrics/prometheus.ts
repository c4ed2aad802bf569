import {
  type CounterName,
  COUNTERS,
  type Definition,
  type GaugeDefinition,
  type GaugeName,
  GAUGES,
  type HistogramName,
  HISTOGRAMS,
  type Labels,
  type Metrics,
} from '@app/core';
import { isOneOfSeveral, metricsOfAll } from '../processes/working-process.js';
import { type Allowed, allowedLabels, CounterFamily, HistogramFamily } from './families.js';
import { processMetrics, type Source } from './process-metrics.js';
import { CONTENT_TYPE, type Reading, textOf } from './text-format.js';

const PREFIX = 'longhaul_';
const NO_LABELS: Labels = {};

export interface Known {
  kinds: readonly string[];
  queues: readonly string[];
}

/** A value with its labels; without a label, one value. */
export type Sample = [value: number, labels?: Labels];

/**
 * The metrics of this process in Prometheus' text format. Values of labels come from an allow-list, so callers' input can
 * neither make endless series nor appear in them. States (depths, connections) are read at each scrape.
 */
export class PrometheusMetrics implements Metrics {
  readonly contentType: string = CONTENT_TYPE;
  private readonly sources: Source[];
  private readonly counters: Record<CounterName, CounterFamily>;
  private readonly histograms: Record<HistogramName, HistogramFamily>;
  private readonly gauges = new Set<GaugeName>();
  private readonly routes: string[] = [];

  constructor(private readonly known: Known) {
    this.counters = this.families(COUNTERS, CounterFamily);
    this.histograms = this.families(HISTOGRAMS, HistogramFamily);
    const families = [...Object.values(this.counters), ...Object.values(this.histograms)];
    this.sources = [...processMetrics(), () => families.map((family) => family.read())];
  }

  /** The metrics of this process. Rejects when a state cannot be read. */
  text(): Promise<string> {
    return new Promise((resolve) => resolve(textOf(this.sources.flatMap((read) => read()))));
  }

  /** The metrics of all processes of this app, because a scrape reaches any one of them. Rejects as `text` does. */
  textOfAll(): Promise<string> {
    return isOneOfSeveral() ? metricsOfAll() : this.text();
  }

  /** Adds the pattern of a route to the allowed values. */
  route(pattern: string): void {
    if (this.routes.includes(pattern)) return;
    this.routes.push(pattern);
    for (const family of [...Object.values(this.counters), ...Object.values(this.histograms)]) family.forget();
  }

  count(name: CounterName, labels: Labels = NO_LABELS, by = 1): void {
    this.counters[name].count(labels, by);
  }

  observe(name: HistogramName, value: number, labels: Labels = NO_LABELS): void {
    this.histograms[name].observe(labels, value);
  }

  /** Adds a state that is read at each scrape. Values with unknown labels are one under the name `other`: their sum, or the largest. */
  gauge(name: GaugeName, read: () => Sample[]): void {
    if (this.gauges.has(name)) throw new Error(`expected one reader of the metric ${name}, got a second one`);
    this.gauges.add(name);
    const { help, labels = {}, isTotal, largest }: GaugeDefinition = GAUGES[name];
    const lists = Object.entries(labels);
    this.sources.push(() => {
      const sums = new Map<string, { labels: Record<string, string>; value: number }>();
      if (lists.length === 0) sums.set('', { labels: {}, value: 0 });
      for (const [value, given = {}] of read()) {
        const shown = allowedLabels(lists, given, this.allowed);
        const key = Object.values(shown).join('\n');
        const sum = sums.get(key);
        if (sum) sum.value = largest ? Math.max(sum.value, value) : sum.value + value;
        else sums.set(key, { labels: shown, value });
      }
      const reading: Reading = { name: PREFIX + name, help, type: isTotal ? 'counter' : 'gauge', values: [...sums.values()] };
      return [reading];
    });
  }

  private families<Name extends string, Made extends CounterFamily | HistogramFamily>(
    definitions: Record<Name, Definition>,
    Made: new (...given: ConstructorParameters<typeof CounterFamily>) => Made,
  ): Record<Name, Made> {
    const families = Object.entries<Definition>(definitions).map(([name, definition]) => [name, new Made(PREFIX + name, definition, this.allowed)] as const);
    return Object.fromEntries(families) as Record<Name, Made>;
  }

  private readonly allowed: Allowed = (list) => {
    if (typeof list !== 'string' || list === 'bounded') return list;
    return list === 'routes' ? this.routes : this.known[list];
  };
}
