import type { Doctor, Stats } from '@app/client';
import type { Invocation } from './arguments.js';
import { aligned } from './table.js';
import type { Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';

/** `stats`: how the installation stands, what is not well, and what to do. */
export async function stats({ operands }: Pick<Invocation, 'operands'>, { longhaul, terminal, json, signal }: Tools): Promise<number> {
  if (operands.length > 0) throw new UsageError(`expected nothing more, got: stats ${operands.join(' ')}`);
  const [now, doctor] = await Promise.all([longhaul.stats({ signal }), longhaul.doctor({ signal })]);
  if (json) terminal.json({ ...now, doctor });
  else for (const line of [...findingLines(doctor), '', ...figureLines(now), '', ...queueLines(now)]) terminal.print(line);
  return EXIT.ok;
}

function findingLines({ rules }: Doctor): string[] {
  const found = rules.filter((rule) => rule.found.length > 0);
  if (found.length === 0) return ['Everything runs.'];
  return found.flatMap(({ level, fix, found: each }) => [...each.map(({ message }) => `${level}: ${message}`), `  ${fix}`]);
}

function figureLines({ ledger, jobs, lastMinute, run, wait, workers, broker, databaseMs }: Stats): string[] {
  const rows: string[][] = [
    ['now', `${jobs.running} running, ${jobs.queued} queued, ${jobs.scheduled} scheduled`],
    [
      'last minute',
      `${lastMinute.accepted} accepted, ${lastMinute.started} started, ${lastMinute.succeeded} succeeded, ${lastMinute.failed} failed, ${lastMinute.retried} retried`,
    ],
    ['waited', percentiles(wait)],
    ['ran', percentiles(run)],
    ['workers', `${workers.live}${workers.late > 0 ? `, and ${workers.late} without a lease` : ''}; ${workers.slotsUsed} of ${workers.slots} slots in use`],
    ['services', `broker ${broker}, database ${databaseMs} ms`],
  ];
  if (ledger) {
    const { accepted, succeeded, failed, cancelled, ...open } = ledger;
    rows.splice(1, 0, [
      'last day',
      `${accepted} accepted = ${succeeded} succeeded + ${failed} failed + ${cancelled} cancelled + ${open.scheduled + open.queued + open.running} not ended`,
    ]);
  }
  return aligned(rows);
}

function percentiles({ count, p50Seconds, p95Seconds }: Stats['run']): string {
  return count === 0 ? 'no job' : `half of them less than ${seconds(p50Seconds)}, 95 % less than ${seconds(p95Seconds)}`;
}

function seconds(value: number | null): string {
  if (value === null) return '-';
  return value < 1 ? `${Math.round(value * 1_000)} ms` : `${value < 100 ? value.toFixed(1) : Math.round(value)} s`;
}

function queueLines({ queues, queueCount }: Stats): string[] {
  const rows = queues.map(({ name, queued, running, slots, oldestAgeSeconds, consumers, lastMinute }) => [
    name,
    String(queued),
    slots === null ? String(running) : `${running} of ${slots}`,
    oldestAgeSeconds === null ? '-' : seconds(oldestAgeSeconds),
    String(consumers),
    `${lastMinute.accepted} in, ${lastMinute.succeeded + lastMinute.failed + lastMinute.cancelled} out`,
  ]);
  const more = queueCount > queues.length ? [`and ${queueCount - queues.length} more queues: longhaul queues`] : [];
  return [...aligned([['QUEUE', 'QUEUED', 'RUNNING', 'OLDEST', 'WORKERS', 'LAST MINUTE'], ...rows]), ...more];
}
