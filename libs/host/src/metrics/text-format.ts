/** One line of a scrape. */
export interface Value {
  labels: Readonly<Record<string, string | number>>;
  value: number;
  /** Where the line's name is not the metric's: a histogram has three. */
  metricName?: string;
}

/** A metric as it is at a scrape. */
export interface Reading {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  values: readonly Value[];
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export function textOf(readings: readonly Reading[]): string {
  return `${readings.map(textOfOne).join('\n\n')}\n`;
}

function textOfOne({ name, help, type, values }: Reading): string {
  const lines = values.map(({ metricName = name, labels, value }) => `${metricName}${labelsText(labels)} ${numberText(value)}`);
  return [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`, ...lines].join('\n');
}

function labelsText(labels: Value['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${typeof value === 'string' ? escaped(value).replaceAll('"', '\\"') : value}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
