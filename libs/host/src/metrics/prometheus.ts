import {
  type AllowList,
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
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { isOneOfSeveral, metricsOfAll } from '../processes/working-process.js';

const PREFIX = 'longhaul_';
const OTHER = 'other';
/** How many sets of labels are cached. Callers' input may make more sets than there are series. */
const MAX_SERIES = 1_000;

interface Series {
  name: string;
  labels: Record<string, string>;
  /** The count since the last scrape. */
  fresh: number;
}

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
  private readonly registry = new Registry();
  private readonly counters = new Map<string, Counter>();
  private readonly histograms = new Map<string, Histogram>();
  private readonly routes: string[] = [];
  /** The series by metric and given labels. Counting is only an addition; all other work is done once for each scrape. */
  private readonly series = new Map<string, Series>();

  constructor(private readonly known: Known) {
    collectDefaultMetrics({ register: this.registry });
    for (const [name, definition] of Object.entries(COUNTERS)) this.counters.set(name, new Counter(this.options(name, definition)));
    for (const [name, definition] of Object.entries(HISTOGRAMS)) {
      this.histograms.set(name, new Histogram({ ...this.options(name, definition), buckets: definition.buckets }));
    }
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** The metrics of this process. Rejects when a state cannot be read. */
  text(): Promise<string> {
    this.addUp();
    return this.registry.metrics();
  }

  /** The metrics of all processes of this app, because a scrape reaches any one of them. Rejects as `text` does. */
  textOfAll(): Promise<string> {
    return isOneOfSeveral() ? metricsOfAll() : this.text();
  }

  /** Adds the pattern of a route to the allowed values. */
  route(pattern: string): void {
    if (this.routes.includes(pattern)) return;
    this.addUp();
    this.series.clear();
    this.routes.push(pattern);
  }

  count(name: CounterName, labels: Labels = {}, by = 1): void {
    const series = this.seriesOf(name, COUNTERS[name], labels);
    if (series) series.fresh += by;
    else this.counters.get(name)?.inc(this.allowed(COUNTERS[name], labels), by);
  }

  observe(name: HistogramName, value: number, labels: Labels = {}): void {
    const series = this.seriesOf(name, HISTOGRAMS[name], labels);
    this.histograms.get(name)?.observe(series?.labels ?? this.allowed(HISTOGRAMS[name], labels), value);
  }

  private seriesOf(name: string, definition: Definition, labels: Labels): Series | undefined {
    let key = name;
    for (const label in labels) key += `\n${label}=${labels[label] ?? ''}`;
    let series = this.series.get(key);
    if (!series && this.series.size < MAX_SERIES) this.series.set(key, (series = { name, labels: this.allowed(definition, labels), fresh: 0 }));
    return series;
  }

  private addUp(): void {
    for (const series of this.series.values()) {
      if (series.fresh > 0) this.counters.get(series.name)?.inc(series.labels, series.fresh);
      series.fresh = 0;
    }
  }

  /** Adds a state that is read at each scrape. Values with unknown labels are summed up under one name. */
  gauge(name: GaugeName, read: () => Sample[]): void {
    const definition: GaugeDefinition = GAUGES[name];
    const options = this.options(name, definition);
    const collect = () => {
      metric.reset();
      for (const [value, values = {}] of read()) metric.inc(this.allowed(definition, values), value);
    };
    const metric = definition.isTotal ? new Counter({ ...options, collect }) : new Gauge({ ...options, collect });
  }

  private options(name: string, { help, labels = {} }: Definition) {
    return { name: PREFIX + name, help, labelNames: Object.keys(labels), registers: [this.registry] };
  }

  private allowed({ labels = {} }: Definition, given: Labels): Record<string, string> {
    return Object.fromEntries(
      Object.entries(labels).map(([name, list]) => [name, this.list(list).includes(given[name] ?? '') ? (given[name] ?? OTHER) : OTHER]),
    );
  }

  private list(list: AllowList): readonly string[] {
    if (typeof list !== 'string') return list;
    return list === 'routes' ? this.routes : this.known[list];
  }
}
