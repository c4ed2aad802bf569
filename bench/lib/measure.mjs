// What several scenarios do.

import { setTimeout as delay } from 'node:timers/promises';
import { clock } from './role.mjs';

/** Of the worker's jobs, so many are its warm-up and not counted. */
const WARM = 0.1;
/** Counting takes so much of one connection's time at most … */
const SHARE = 0.03;
/** … but is not left for longer than so much of what remains to be done, or the end would be seen late. */
const OF_THE_REST = 0.3;

/** A JSON payload of so many bytes. @param {number} bytes */
export const payloadOf = (bytes) => ({ value: 'x'.repeat(Math.max(1, bytes - '{"value":""}'.length)) });

/** About so many bytes of ordinary rows, each an object of numbers and short texts. @param {number} bytes */
export function rowsOf(bytes) {
  const value = [];
  for (let length = 0, id = 1; length < bytes; id++) {
    const row = { id, name: `Customer ${id}`, email: `customer${id}@example.com`, amount: (id * 7_919) % 100_000, paid: id % 3 > 0 };
    length += JSON.stringify(row).length + 1;
    value.push(row);
  }
  return { value };
}

/**
 * Waits until a count is no more than `enough`.
 * @param {() => Promise<number>} count @param {number} [enough]
 * @returns {Promise<{ at: number, left: number }>}  when that was, on the machine's monotonic clock
 */
export async function untilLeft(count, enough = 0) {
  /** @type {{ at: number, left: number } | undefined} */
  let first;
  for (;;) {
    const asked = clock();
    const left = await count();
    const at = clock();
    if (left <= enough) return { at, left };
    first ??= { at, left };
    const msPerJob = first.left > left ? (at - first.at) / (first.left - left) : 0;
    await delay(Math.max(5, Math.min((at - asked) / SHARE, msPerJob > 0 ? (left - enough) * msPerJob * OF_THE_REST : 200)));
  }
}

/**
 * The rate at which a backlog is worked off, from when a tenth of it is done, so that neither the start of a process nor
 * its compilers are measured.
 * @param {import('./stack.mjs').Stack} stack @param {number} jobs @param {import('./child.mjs').Child[]} workers
 * @returns {Promise<import('./run-scenario.mjs').Repeat>}  the rate, and the CPU time of a job
 */
export async function drainRate(stack, jobs, workers) {
  const began = clock();
  const left = () => stack.remaining(jobs, workers);
  const warm = await untilLeft(left, Math.floor(jobs * (1 - WARM)));
  const cpu = stack.meterCpu();
  const end = await untilLeft(left);
  // So few jobs that they were done before the first look: nothing but a lower bound.
  if (warm.left === 0) return { perSecond: (jobs / (end.at - began)) * 1_000 };
  return { perSecond: (warm.left / (end.at - warm.at)) * 1_000, ...cpu(warm.left) };
}
