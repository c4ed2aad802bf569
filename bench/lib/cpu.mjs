// CPU time of what takes part in a run. On a machine whose cores all of them share it says more than a rate does: who is the
// bound, and what a job costs each; and it varies less with what else the machine does.

import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second for whoever reads /proc, whatever the kernel's own clock is. */
const TICK_US = 10_000;

/** The services' processes by the name of their programs: all of the machine's, but of PostgreSQL only the cluster that is measured, where it is known. */
const SERVICES = new Map([
  ['postgres', 'PostgreSQL'],
  ['beam.smp', 'RabbitMQ'],
  ['redis-server', 'Redis'],
]);

/**
 * Microseconds of CPU time by role so far: of the services, and of the processes named. Those of children that have ended are
 * their parent's, so a connection's process of PostgreSQL counts after its end as well. Empty where there is no /proc.
 * @param {{ role: string, pid: number }[]} processes
 * @param {number} [postmaster]  of the cluster that is measured
 * @returns {Map<string, number>}
 */
export function cpuTimes(processes, postmaster) {
  const roles = new Map(processes.map(({ role, pid }) => [String(pid), role]));
  const times = new Map();
  for (const pid of pids()) {
    const stat = statOf(pid);
    const role = roles.get(pid) ?? SERVICES.get(stat?.program ?? '');
    if (!stat || !role) continue;
    if (postmaster !== undefined && stat.program === 'postgres' && ![pid, stat.parent].includes(String(postmaster))) continue;
    times.set(role, (times.get(role) ?? 0) + stat.ticks * TICK_US);
  }
  return times;
}

/** The metric of what one role has used per job, in microseconds. */
const PER_JOB = 'cpu of ';

/**
 * What each has used between the two, per job, as metrics.
 * @param {Map<string, number>} before @param {Map<string, number>} after @param {number} jobs @returns {Record<string, number>}
 */
export function perJob(before, after, jobs) {
  return Object.fromEntries([...after].map(([role, us]) => [`${PER_JOB}${role}`, (us - (before.get(role) ?? 0)) / jobs]));
}

/** The roles that metrics tell of. @param {string[]} metrics */
export const rolesIn = (metrics) => metrics.filter((name) => name.startsWith(PER_JOB)).map((name) => ({ name, role: name.slice(PER_JOB.length) }));

function pids() {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** @param {string} pid */
function statOf(pid) {
  try {
    // "pid (program) state …": the program's name may hold spaces and brackets.
    const [, program = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const fields = rest.split(' ');
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15).map(Number);
    return { program, parent: fields[1], ticks: utime + stime + cutime + cstime };
  } catch {
    return undefined; // Ended meanwhile.
  }
}

/** The process that is the parent of this one, here. @param {number} pid */
export const parentOf = (pid) => Number(statOf(String(pid))?.parent ?? NaN) || undefined;
