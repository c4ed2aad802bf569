// What a person does with an installation: calls of its gateway, and what waits there already.

import { PlainError } from '../../tools/lib/log.mjs';
import { until } from '../../tools/lib/until.mjs';

export const PATIENCE_MS = 600_000;
export const SLEEP = 'debug.sleep';
const BATCH = 1_000;

/** @typedef {import('./stack.mjs').Stack} Stack */
/** @typedef {{ id: string }} Accepted */

/** @param {Stack} stack */
export async function gateway(stack) {
  const { url } = await stack.startGateway();
  /** @param {string} method @param {string} path @param {unknown} [body] */
  const call = async (method, path, body) => {
    const json = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(url + path, { method, signal: stack.options.signal, ...json });
    if (!response.ok) throw new PlainError(`expected ${method} ${path} to work, got ${response.status}: ${await response.text()}`);
    return /** @type {Promise<any>} */ (response.json());
  };
  /** @param {number} count @param {object} payload @param {object} [options] @returns {Promise<string[]>} */
  const submitMany = async (count, payload, options = {}) => {
    const ids = [];
    for (let left = count; left > 0; left -= BATCH) {
      const jobs = Array.from({ length: Math.min(left, BATCH) }, () => ({ kind: SLEEP, payload, options }));
      ids.push(...(await call('POST', '/jobs/batch', { jobs })).jobs.map((/** @type {Accepted} */ { id }) => id));
    }
    return ids;
  };
  return { call, submitMany };
}

/** As submissions would have left them: so many jobs of priority 0 wait, in a fair queue of this tenant. @param {Stack} stack @param {number} count @param {number} ms @param {string | null} tenant */
export async function fill(stack, count, ms, tenant) {
  await stack.query(
    `WITH made AS (
       INSERT INTO jobs (id, kind, queue, state, payload, queued_at, events, history, priority, max_attempts, tags)
       SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n & 4095), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid,
              '${SLEEP}', 'default', 'queued', '{"ms":${ms}}', now(), 1, NULL, 0, 3, CASE WHEN $2::text IS NULL THEN '{}' ELSE ARRAY['tenant:' || $2] END
       FROM generate_series(1, $1::integer) n
       RETURNING id
     )
     INSERT INTO waiting_room (job_id, queue, kind, priority, virtual_time, flow_key)
     SELECT id, 'default', '${SLEEP}', 0, extract(epoch FROM now()) + row_number() OVER (ORDER BY id) * CASE WHEN $2::text IS NULL THEN 1e-6 ELSE 1 END, $2 FROM made`,
    [count, tenant],
  );
  await stack.query('VACUUM ANALYZE jobs, waiting_room');
}

/** @param {Stack} stack */
export async function allEnded(stack) {
  const ended = async () => (await stack.query('SELECT FROM jobs WHERE finished_at IS NULL LIMIT 1')).length === 0;
  await until('all jobs to end', ended, { timeoutMs: PATIENCE_MS, everyMs: 250, signal: stack.options.signal });
}
