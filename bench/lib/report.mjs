// Results as tables: on the terminal, and in bench/RESULTS.md between its markers.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlainError, say } from '../../tools/lib/log.mjs';
import { root } from '../../tools/lib/paths.mjs';
import { rolesIn } from './cpu.mjs';
import { medianOf } from './run-scenario.mjs';
import { short, withRange } from './statistics.mjs';

const PAGE = join(root, 'bench/RESULTS.md');
const [BEGIN, END] = ['<!-- bench -->', '<!-- /bench -->'];

/** @param {any} record */
export function printResult(record) {
  console.log(`\n${textOf(record)}\n`);
}

/** The newest result of each scenario, into the page. @param {string} dir */
export function writePage(dir) {
  const newest = new Map();
  for (const file of readdirSync(dir)
    .filter((name) => name.endsWith('.json'))
    .sort()) {
    const record = JSON.parse(readFileSync(join(dir, file), 'utf8'));
    const before = newest.get(record.scenario);
    if (!before || before.machine.at < record.machine.at) newest.set(record.scenario, record);
  }
  if (newest.size === 0) throw new PlainError(`expected results in ${dir}, got none; run npm run bench first`);
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new PlainError(`expected ${BEGIN} and ${END} in ${PAGE}, got a page without`);
  const text = [...newest.values()].map((record) => `### ${record.scenario}\n\n${textOf(record)}\n\n${machineLine(record)}`).join('\n\n');
  writeFileSync(PAGE, `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${page.slice(end)}`);
  say(`wrote ${PAGE}`);
}

/** @param {any} record */
function textOf({ scenario, what, metrics, results, targets }) {
  const [first] = metrics;
  const own = results.length > 1 ? results.find((/** @type {any} */ { id }) => id === 'longhaul') : undefined;
  const costs = results.map(cpuOf);
  const metered = costs.some(Boolean);
  const head = [
    '',
    ...metrics.map((/** @type {any} */ { title }) => title),
    ...(own ? [`${own.title} : this`] : []),
    ...(metered ? ['CPU µs a job'] : []),
    'settings',
  ];
  const rows = results.map((/** @type {any} */ result, /** @type {number} */ index) => [
    result.title,
    ...metrics.map((/** @type {any} */ { name }) => withRange(result.repeats.flatMap((/** @type {any} */ repeat) => repeat[name] ?? []))),
    ...(own ? [short(medianOf(own, first.name) / medianOf(result, first.name))] : []),
    ...(metered ? [costs[index]] : []),
    result.error ? `failed: ${result.error.split('\n')[0]}` : result.settings,
  ]);
  const judged = targets.map((/** @type {any} */ { target, value, met }) => `- ${met ? 'PASS' : '**FAIL**'}: ${target}, got ${value}`);
  return [`${scenario}: ${what}`, '', ...table([head, ...rows]), ...(judged.length > 0 ? ['', ...judged] : [])].join('\n');
}

/** What a job costs those who do it, in all and each; the load driver beside. @param {{ repeats: import('./run-scenario.mjs').Repeat[] }} result */
function cpuOf(result) {
  const used = rolesIn([...new Set(result.repeats.flatMap(Object.keys))])
    .map(({ name, role }) => ({ role, us: Math.round(medianOf(result, name)) }))
    .filter(({ us }) => us > 0)
    .sort((a, b) => b.us - a.us);
  if (used.length === 0) return '';
  const drivers = used.filter(({ role }) => role === 'load');
  const doers = used.filter(({ role }) => role !== 'load');
  const list = (/** @type {typeof used} */ some) => some.map(({ role, us }) => `${role} ${us}`).join(', ');
  const total = doers.reduce((sum, { us }) => sum + us, 0);
  return `${total}: ${list(doers)}${drivers.length > 0 ? ` (${list(drivers)})` : ''}`;
}

/** @param {string[][]} rows */
function table(rows) {
  const [head = []] = rows;
  const last = head.length - 1;
  // The last column is prose: as long as it is.
  const widths = head.map((_, column) => (column === last ? 0 : Math.max(3, ...rows.map((row) => (row[column] ?? '').length))));
  const line = (/** @type {string[]} */ cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(Math.max(3, width)))), ...rows.slice(1).map(line)];
}

/** @param {any} record */
function machineLine({ machine, options }) {
  const { at, commit, cpu, memoryGiB, node, postgres, rabbitmq, redis, packages } = machine;
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return (
    `${options.repeats} repeats at ${at.slice(0, 10)}, commit ${commit}, scale ${options.scale}, concurrency ${options.concurrency}; ${cpu}, ${memoryGiB} GiB; ` +
    `Node ${node}, PostgreSQL ${postgres.server_version} (fsync ${postgres.fsync}, synchronous_commit ${postgres.synchronous_commit}), RabbitMQ ${rabbitmq}, Redis ${redis}; ${versions.join(', ')}.`
  );
}
