// `npm run chaos`: every fault scenario against real processes, and the table in docs/inside/reliability.md made of what was seen.
// `npm run chaos -- -t '<name>'` runs those whose name matches; `--soak 15` adds minutes of random faults, `--dense 15` minutes of a
// machine fault each five seconds; CHAOS_SEED repeats.
// CHAOS_AMQP_URL and CHAOS_RABBITMQCTL give a broker that may be stopped, in place of a private one.

import './lib/node-version.mjs';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ended } from './lib/commands.mjs';
import { root, stateDir } from './lib/paths.mjs';

const RESULTS = join(stateDir, 'chaos-results.jsonl');
const PAGE = join(root, 'docs/inside/reliability.md');
const [BEGIN, END] = ['<!-- results -->', '<!-- /results -->'];

const args = process.argv.slice(2);
const soak = minutesOf('--soak');
const dense = minutesOf('--dense');
const all = !args.includes('-t');

rmSync(RESULTS, { force: true });
const child = spawn(process.execPath, [join(root, 'tools/test.mjs'), '--only=chaos', '--maxWorkers=1', ...args], {
  env: { ...process.env, CHAOS: 'all', ...(soak ? { CHAOS_SOAK_MINUTES: soak } : {}), ...(dense ? { CHAOS_DENSE_MINUTES: dense } : {}) },
  stdio: 'inherit',
});
process.exitCode = (await ended(child)).code ?? 1;
if (all && existsSync(RESULTS)) writeTable();

/** @param {string} option  taken out of the arguments, with its value */
function minutesOf(option) {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args.splice(at, 2)[1];
}

function writeTable() {
  const rows = readFileSync(RESULTS, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map((report) => {
      const doubled = report.insideTwice + report.keysWithTwoJobs;
      const cells = [report.group, report.scenario, report.deaths, report.accepted, report.lost + report.stuck, doubled, report.outsideTwice];
      return `| ${[...cells, secondsOf(report.flowsAfterMs), secondsOf(report.healsAfterMs)].join(' | ')} |`;
    });
  const head = [
    '| group | fault | processes that died | accepted | lost or stuck | doubled | outside effects repeated | flows again after | caught jobs done after |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  ];
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(PAGE, page.slice(0, page.indexOf(BEGIN) + BEGIN.length) + `\n\n${[...head, ...rows].join('\n')}\n\n` + page.slice(page.indexOf(END)));
}

/** @param {number | null} ms */
function secondsOf(ms) {
  return ms === null ? '' : `${(ms / 1_000).toFixed(1)} s`;
}
