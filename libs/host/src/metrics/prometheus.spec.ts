import { PrometheusMetrics } from './prometheus.js';

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
});
