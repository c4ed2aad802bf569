// The table of docs/reference/metrics.md, of libs/core/src/metrics/definitions.ts.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './paths.mjs';

/** @returns {Promise<string>} */
export async function metricsTable() {
  /** @type {typeof import('../../libs/core/src/metrics/definitions.js')} */
  const { COUNTERS, GAUGES, HISTOGRAMS } = await import(pathToFileURL(join(build, 'libs/core/src/metrics/definitions.js')).href);
  /** @type {[string, string, import('../../libs/core/src/metrics/definitions.js').GaugeDefinition][]} */
  const all = [
    ...Object.entries(COUNTERS).map(([name, definition]) => /** @type {const} */ ([name, 'counter', definition])),
    ...Object.entries(HISTOGRAMS).map(([name, definition]) => /** @type {const} */ ([name, 'histogram', definition])),
    ...Object.entries(GAUGES).map(([name, definition]) => /** @type {const} */ ([name, 'isTotal' in definition ? 'counter' : 'gauge', definition])),
  ].map(([name, type, definition]) => [name, type, definition]);
  const rows = all
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, type, { labels = {}, help, alert = '' }]) => {
      const shown = Object.keys(labels).map((label) => `\`${label}\``);
      return `| \`longhaul_${name}\` | ${type} | ${shown.join(', ')} | ${help} | ${alert} |`;
    });
  return `| metric | type | labels | what | worth an alert |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}
