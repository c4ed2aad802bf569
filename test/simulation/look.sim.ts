import { report, runSchedule } from './run.js';
test('look', async () => {
  const n = Number(process.env['N'] ?? 200);
  const sightings = new Map<string, number>();
  let steps = 0; const bad: number[] = [];
  const start = performance.now(); const cpu = process.cpuUsage(); const from = Number(process.env['FROM'] ?? 1);
  for (let seed = from; seed < from + n; seed++) {
    const outcome = await runSchedule(seed);
    steps += outcome.schedule.steps;
    if (outcome.violations.length) { bad.push(seed); if (bad.length <= Number(process.env['SHOW'] ?? 2)) console.error(report(outcome)); else console.error(seed, outcome.violations[0]); }
    for (const [k, v] of outcome.sightings) sightings.set(k, (sightings.get(k) ?? 0) + v);
  }
  console.error(n, 'schedules', ((performance.now() - start) / n).toFixed(1), 'ms each', (process.cpuUsage(cpu).user / 1000 / n).toFixed(1), 'cpu ms each', (steps / n).toFixed(0), 'steps each', 'bad', bad.length, bad.join(' '));
  console.error([...sightings].sort((a, b) => b[1] - a[1]).map(([k, v]) => `${v} ${k}`).join('\n'));
}, 600000);
