import { readdirSync, readFileSync } from 'node:fs';
import { constants, monitorEventLoopDelay, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import v8 from 'node:v8';
import { HistogramFamily } from './families.js';
import type { Reading, Value } from './text-format.js';

/** @types/node leaves out what only some entries have. */
type GarbageCollection = PerformanceEntry & { detail: { kind: number } };

/** Reads metrics at a scrape, several where one look tells them all. */
export type Source = () => Reading[];

const GC_KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};
const NANOSECONDS = 1e9;
const STARTED_AT = Math.round(Date.now() / 1_000 - process.uptime());

/** The metrics that dashboards for Node.js expect, by the names and labels that prom-client gave them. */
export function processMetrics(): Source[] {
  return [
    cpuTime(),
    () => [gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.', STARTED_AT)],
    process.platform === 'linux' ? memoryOnLinux : () => [residentMemory(process.memoryUsage.rss())],
    ...(process.platform === 'linux' ? [openFiles, () => maxFiles] : []),
    eventLoopLag(),
    () => active('resources', 'resources that keep the event loop alive, by their type', process.getActiveResourcesInfo()),
    ...activeOf('handles', '_getActiveHandles'),
    ...activeOf('requests', '_getActiveRequests'),
    heap,
    heapSpaces,
    nodeVersion,
    garbageCollection(),
  ];
}

function gauge(name: string, help: string, value: number, labels: Value['labels'] = {}): Reading {
  return { name, help, type: 'gauge', values: [{ labels, value }] };
}

function cpuTime(): Source {
  const before = process.cpuUsage();
  const seconds = (name: string, help: string, micros: number): Reading => ({ ...gauge(name, help, micros / 1e6), type: 'counter' });
  return () => {
    const { user, system } = process.cpuUsage(before);
    return [
      seconds('process_cpu_user_seconds_total', 'CPU time in user mode, in seconds.', user),
      seconds('process_cpu_system_seconds_total', 'CPU time in the kernel, in seconds.', system),
      seconds('process_cpu_seconds_total', 'CPU time in user mode and in the kernel, in seconds.', user + system),
    ];
  };
}

const residentMemory = (bytes: number) => gauge('process_resident_memory_bytes', 'Resident memory, in bytes.', bytes);

function memoryOnLinux(): Reading[] {
  const status = readIfAny('/proc/self/status');
  const bytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1_024;
  return [
    residentMemory(bytes('VmRSS') || process.memoryUsage.rss()),
    gauge('process_virtual_memory_bytes', 'Virtual memory, in bytes.', bytes('VmSize')),
    gauge('process_heap_bytes', 'Data segment of the process, in bytes.', bytes('VmData')),
  ];
}

function openFiles(): Reading[] {
  try {
    // One of them was open to read the others.
    return [gauge('process_open_fds', 'Open file descriptors.', readdirSync('/proc/self/fd').length - 1)];
  } catch {
    // No descriptor was left to look with, which must not take the rest of the scrape away.
    return [];
  }
}

const limit = /^Max open files\s+(\d+)/m.exec(process.platform === 'linux' ? readIfAny('/proc/self/limits') : '')?.[1];
const maxFiles = limit === undefined ? [] : [gauge('process_max_fds', 'How many file descriptors may be open.', Number(limit))];

function eventLoopLag(): Source {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let lag = 0;
  const seconds = (name: string, help: string, nanoseconds: number) => gauge(`nodejs_eventloop_lag_${name}seconds`, help, nanoseconds / NANOSECONDS);
  return () => {
    const readings = [
      seconds('', 'How late the event loop came to its next turn at the last scrape but this, in seconds.', lag),
      seconds('min_', 'The least delay of the event loop since the last scrape, in seconds.', delay.min),
      seconds('max_', 'The greatest delay of the event loop since the last scrape, in seconds.', delay.max),
      seconds('mean_', 'The mean delay of the event loop since the last scrape, in seconds.', delay.mean),
      seconds('stddev_', 'The standard deviation of the delays of the event loop since the last scrape, in seconds.', delay.stddev),
      ...[50, 90, 99].map((part) =>
        seconds(`p${part}_`, `The delay of the event loop that ${part} % since the last scrape are within, in seconds.`, delay.percentile(part)),
      ),
    ];
    delay.reset();
    const asked = process.hrtime.bigint();
    setImmediate(() => (lag = Number(process.hrtime.bigint() - asked)));
    return readings;
  };
}

function active(name: string, what: string, types: readonly string[]): Reading[] {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  const values = [...counts].map(([type, value]) => ({ labels: { type }, value }));
  return [
    { name: `nodejs_active_${name}`, help: `How many ${what}.`, type: 'gauge', values },
    gauge(`nodejs_active_${name}_total`, `How many ${name}.`, types.length),
  ];
}

/** Node.js does not document these functions, so a later version may have them no more. */
function activeOf(name: string, method: '_getActiveHandles' | '_getActiveRequests'): Source[] {
  const list = (process as unknown as Partial<Record<typeof method, () => (object | null)[]>>)[method];
  if (!list) return [];
  const typeOf = (item: object | null) => (item?.constructor as { name: string } | undefined)?.name ?? 'Object';
  return [() => active(name, `${name} of libuv, by their class`, list.call(process).map(typeOf))];
}

function heap(): Reading[] {
  const { heapTotal, heapUsed, external } = process.memoryUsage();
  return [
    gauge('nodejs_heap_size_total_bytes', 'Size of the heap, in bytes.', heapTotal),
    gauge('nodejs_heap_size_used_bytes', 'Used part of the heap, in bytes.', heapUsed),
    gauge('nodejs_external_memory_bytes', 'Memory outside the heap that objects inside hold, in bytes.', external),
  ];
}

function heapSpaces(): Reading[] {
  const spaces = v8.getHeapSpaceStatistics();
  const sizes = (name: string, what: string, read: (space: v8.HeapSpaceInfo) => number): Reading => ({
    name: `nodejs_heap_space_size_${name}_bytes`,
    help: `${what} of each space of the heap, in bytes.`,
    type: 'gauge',
    values: spaces.map((space) => ({ labels: { space: space.space_name.replace(/_space$/, '') }, value: read(space) })),
  });
  return [
    sizes('total', 'Size', (space) => space.space_size),
    sizes('used', 'Used part', (space) => space.space_used_size),
    sizes('available', 'Free part', (space) => space.space_available_size),
  ];
}

function nodeVersion(): Reading[] {
  const { version } = process;
  const [major = '', minor = '', patch = ''] = version.slice(1).split('.');
  return [gauge('nodejs_version_info', 'The version of Node.js, as labels.', 1, { version, major, minor, patch })];
}

function garbageCollection(): Source {
  const kinds = Object.values(GC_KINDS);
  const definition = { help: 'How long garbage collections took, by their kind, in seconds.', labels: { kind: kinds }, buckets: [0.001, 0.01, 0.1, 1, 2, 5] };
  const durations = new HistogramFamily('nodejs_gc_duration_seconds', definition, (list) => (typeof list === 'string' ? [] : list));
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as GarbageCollection[]) durations.observe({ kind: GC_KINDS[entry.detail.kind] ?? '' }, entry.duration / 1_000);
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => [durations.read()];
}

function readIfAny(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
