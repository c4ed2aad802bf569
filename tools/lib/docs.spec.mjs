import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './paths.mjs';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'bench/README.md',
  'bench/RESULTS.md',
  ...readdirSync(join(root, 'examples')).map((name) => `examples/${name}/README.md`),
  ...readdirSync(join(root, 'docs'), { recursive: true }).map((name) => `docs/${String(name)}`),
].filter((name) => name.endsWith('.md'));
const text = (/** @type {string} */ page) => readFileSync(join(root, page), 'utf8');
/** As GitHub makes an anchor of a heading. */
const anchorOf = (/** @type {string} */ heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

describe('the documentation', () => {
  test.each(pages)('%s links only to pages and headings that exist', (page) => {
    const broken = [...text(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link]) => String(link))
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(root, target))) return true;
        if (anchor === undefined) return false;
        return ![...text(target).matchAll(/^#+ (.*)$/gm)].some(([, heading]) => anchorOf(String(heading)) === anchor);
      });
    expect(broken).toEqual([]);
  });

  test('every page is reached from the index', () => {
    const reached = new Set(['README.md', 'docs/README.md']);
    for (const page of reached)
      for (const [, link] of text(page).matchAll(/\]\(([^)#\s]+)/g))
        if (!/^[a-z]+:/.test(String(link)) && String(link).endsWith('.md')) reached.add(join(dirname(page), String(link)));
    expect(pages.filter((page) => page.startsWith('docs/') && !page.startsWith('docs/inside/adr/') && !reached.has(page))).toEqual([]);
  });

  test('names metrics and files that there are', () => {
    const files = pages
      .filter((page) => page.startsWith('docs/'))
      .flatMap((page) => [...text(page).matchAll(/`((?:apps|libs|tools|test|bench|examples|deploy)\/[\w./-]+)`/g)].map(([, path]) => [page, String(path)]));
    const metrics = new Set([...text('docs/reference/metrics.md').matchAll(/^\| `(longhaul_\w+)`/gm)].map(([, name]) => name));
    const named = pages.flatMap((page) =>
      [...text(page).matchAll(/\b(longhaul_\w+?)(?:_bucket|_sum|_count)?(?=[`{ ])/g)].map(([, name]) => [page, String(name)]),
    );
    const wrong = [
      ...files.filter(([, path]) => !existsSync(join(root, String(path)))),
      ...named.filter(([, name]) => /_(total|seconds|bytes|depth|jobs|rows|up|blocked)$/.test(String(name)) && !metrics.has(name)),
    ];
    expect(wrong).toEqual([]);
  });

  test('every metric that is worth an alert has a place in the runbook', () => {
    const runbook = text('docs/operate/runbook.md');
    const alerts = [...text('docs/reference/metrics.md').matchAll(/^\| (`longhaul_[^|]*)\|[^|]*\|[^|]*\|[^|]*\|([^|\n]*)\|$/gm)].filter(
      ([, , alert]) => String(alert).trim() !== '',
    );
    expect(alerts.length).toBeGreaterThan(10);
    const missing = alerts.flatMap(([, names]) => {
      const all = [...String(names).matchAll(/`(longhaul_\w+)`/g)].map(([, name]) => String(name));
      return all.some((name) => runbook.includes(name)) ? [] : [all.join(', ')];
    });
    expect(missing).toEqual([]);
  });
});
