import type { AllowList, Definition, Labels } from '@app/core';
import type { Reading, Value } from './text-format.js';

/** How many values of labels of one metric are remembered. Callers' input may bring more than are shown. */
const MAX_REMEMBERED = 1_000;

interface Node<Series> {
  readonly below: Map<string, Node<Series>>;
  series?: Series;
}

interface Shown<Series> {
  labels: Record<string, string>;
  series: Series;
}

/** The values that may be shown of a label; `bounded`: any. */
export type Allowed = (list: AllowList) => readonly string[] | 'bounded';

/**
 * A metric with its series. Counting is an addition: a series is found by the labels that the
 * caller gives, value by value, without a text being built. A value that is not on its allow-list is shown as `other`, so several given labels may be
 * one series.
 */
abstract class Family<Series> {
  protected readonly shown = new Map<string, Shown<Series>>();
  readonly help: string;
  abstract readonly type: Reading['type'];
  private readonly labelLists: [name: string, list: AllowList][];
  private root: Node<Series> = { below: new Map() };
  private remembered = 0;

  constructor(
    readonly name: string,
    { help, labels = {} }: Definition,
    private readonly allowed: Allowed,
  ) {
    this.help = help;
    this.labelLists = Object.entries(labels);
  }

  read(): Reading {
    return { name: this.name, help: this.help, type: this.type, values: [...this.shown.values()].flatMap((shown) => this.valuesOf(shown)) };
  }

  /** Forgets which series given labels belong to, after a change of an allow-list. Nothing that was counted is lost. */
  forget(): void {
    this.root = { below: new Map() };
    this.remembered = 0;
  }

  protected abstract fresh(): Series;
  protected abstract valuesOf(shown: Shown<Series>): Value[];

  protected seriesOf(given: Labels): Series {
    let node = this.root;
    for (const [name] of this.labelLists) {
      const value = given[name] ?? '';
      let next = node.below.get(value);
      if (!next) {
        if (this.remembered >= MAX_REMEMBERED) return this.shownAs(given);
        this.remembered++;
        node.below.set(value, (next = { below: new Map() }));
      }
      node = next;
    }
    return (node.series ??= this.shownAs(given));
  }

  private shownAs(given: Labels): Series {
    const labels = allowedLabels(this.labelLists, given, this.allowed);
    const key = Object.values(labels).join('\n');
    let shown = this.shown.get(key);
    if (!shown) this.shown.set(key, (shown = { labels, series: this.fresh() }));
    return shown.series;
  }
}

export class CounterFamily extends Family<{ total: number }> {
  readonly type = 'counter';

  constructor(name: string, definition: Definition, allowed: Allowed) {
    super(name, definition, allowed);
    // A metric without labels is shown from the start.
    if (!definition.labels) this.seriesOf({});
  }

  count(labels: Labels, by: number): void {
    // Nothing counted makes no series.
    if (by !== 0) this.seriesOf(labels).total += by;
  }

  protected fresh() {
    return { total: 0 };
  }

  protected valuesOf({ labels, series }: Shown<{ total: number }>): Value[] {
    return [{ labels, value: series.total }];
  }
}

interface Distribution {
  /** Observations by bucket, each in the first that it fits in; the last has those above all bounds. */
  buckets: number[];
  sum: number;
}

export class HistogramFamily extends Family<Distribution> {
  readonly type = 'histogram';
  private readonly bounds: readonly number[];

  constructor(name: string, definition: Definition, allowed: Allowed) {
    super(name, definition, allowed);
    this.bounds = definition.buckets ?? [];
    if (!definition.labels) this.seriesOf({});
  }

  /** A value that is no finite number is left out, because a sum could not come back from it. */
  observe(labels: Labels, value: number): void {
    if (!Number.isFinite(value)) return;
    const { bounds } = this;
    const series = this.seriesOf(labels);
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    series.buckets[bucket] = (series.buckets[bucket] as number) + 1;
    series.sum += value;
  }

  protected fresh(): Distribution {
    return { buckets: [...this.bounds.map(() => 0), 0], sum: 0 };
  }

  protected valuesOf({ labels, series }: Shown<Distribution>): Value[] {
    let count = 0;
    const values = series.buckets.map((observed, bucket): Value => {
      count += observed;
      return { labels: { le: this.bounds[bucket] ?? '+Inf', ...labels }, value: count, metricName: `${this.name}_bucket` };
    });
    return [...values, { labels, value: series.sum, metricName: `${this.name}_sum` }, { labels, value: count, metricName: `${this.name}_count` }];
  }
}

const OTHER = 'other';

export function allowedLabels(lists: readonly [name: string, list: AllowList][], given: Labels, allowed: Allowed): Record<string, string> {
  return Object.fromEntries(
    lists.map(([name, list]) => {
      const [value, values] = [given[name] ?? OTHER, allowed(list)];
      return [name, values === 'bounded' || values.includes(value) ? value : OTHER];
    }),
  );
}
