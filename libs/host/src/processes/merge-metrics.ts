import type { Texts } from './messages.js';

interface Family {
  comments: Set<string>;
  series: string[];
}

/**
 * Joins the metrics of several processes to one text: each family once, its series with a label `process`. It adds nothing up, because sums are
 * wrong for metrics in which each process shows the state of the whole. https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function mergeMetrics(texts: Texts): string {
  const families = new Map<string, Family>();
  for (const [process, text] of texts) {
    let family: Family | undefined;
    for (const line of text.split('\n')) {
      const comment = /^# (?:HELP|TYPE) (\S+)/.exec(line);
      if (comment?.[1] !== undefined) {
        family = families.get(comment[1]) ?? { comments: new Set(), series: [] };
        family.comments.add(line);
        families.set(comment[1], family);
      } else if (line !== '') family?.series.push(withProcess(line, process));
    }
  }
  return [...families.values()].map(({ comments, series }) => [...comments, ...series, ''].join('\n')).join('\n');
}

function withProcess(series: string, process: number): string {
  return series.replace(/^([^\s{]+)(\{?)/, (_, name: string, brace: string) => `${name}{process="${process}"${brace ? ',' : '}'}`);
}
