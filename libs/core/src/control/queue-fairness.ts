import { type Fault, got } from '../job/errors.js';
import { isKey, JOB_OPTIONS } from '../job/job-options.js';
import { isKeySource } from '../job/key-source.js';
import type { QueueFairness } from './queues.js';

/** A key's weight, both inclusive: beyond, a job's virtual time would lie where numbers have no room between them. */
export const WEIGHT = { min: 0.001, max: 1_000 };
const MOST_WEIGHTS = 1_000;
const KNOWN = ['by', 'cost', 'weights'];

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The faults of a written fairness, with pointers below `at`; each says what is allowed and what came. */
export function fairnessFaults(at: string, value: unknown): Fault[] {
  if (!isObject(value)) return [{ pointer: at, detail: `must be an object such as {"by":"tag:tenant"}, or null for first in, first out${got(value)}` }];
  const { by, cost, weights } = value;
  const faults: Fault[] = Object.keys(value)
    .filter((name) => !KNOWN.includes(name))
    .map((name) => ({ pointer: `${at}/${name}`, detail: 'is not a known field' }));
  const fault = (name: string, detail: string) => faults.push({ pointer: `${at}/${name}`, detail });
  if (!isKeySource(by)) fault('by', `must be "kind" or "tag:<name>"${got(by)}`);
  if (cost !== undefined && cost !== 'count' && cost !== 'time') fault('cost', `must be "count" or "time"${got(cost)}`);
  if (weights === undefined) return faults;
  if (!isObject(weights) || Object.keys(weights).length > MOST_WEIGHTS) {
    fault('weights', `must be an object of at most ${MOST_WEIGHTS} numbers${got(weights)}`);
    return faults;
  }
  for (const [key, weight] of Object.entries(weights)) {
    if (!isKey(key, JOB_OPTIONS.flowKey))
      fault('weights', `must have names of ${JOB_OPTIONS.flowKey.min} to ${JOB_OPTIONS.flowKey.max} printable characters, as keys have them${got(key)}`);
    if (!(typeof weight === 'number' && weight >= WEIGHT.min && weight <= WEIGHT.max))
      fault(`weights/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, `must be a number from ${WEIGHT.min} to ${WEIGHT.max}${got(weight)}`);
  }
  return faults;
}

/** What a written fairness without faults says. */
export function toFairness({ by, cost = 'count', weights = {} }: { by: string; cost?: 'count' | 'time'; weights?: Record<string, number> }): QueueFairness {
  return { by: by as QueueFairness['by'], cost, weights };
}
