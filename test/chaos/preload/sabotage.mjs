// Loaded before the built product: takes one mechanism out of it, to see whether the fault tests notice.
// SABOTAGE=<comma list of the names below>

import 'reflect-metadata';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const load = (path) => import(pathToFileURL(join(import.meta.dirname, '../../../dist/libs', path)).href);

/** Replaces a part of a prepared statement; a part that is not there any more is a mistake of this file. */
function edit(statement, from, to) {
  if (!statement.text.includes(from)) throw new Error(`expected ${statement.name} to contain ${from}; adapt sabotage.mjs`);
  statement.text = statement.text.replaceAll(from, to);
}

const WAYS = {
  /** Any bearer of an old token may settle, and the session of one that was frozen lives on. */
  'no-fencing': async () => {
    const { SETTLE_JOBS } = await load('postgres/src/run/settle-jobs.js');
    edit(SETTLE_JOBS, `j.lease_token = i.token AND j.state = 'running'`, `(j.state = 'running' OR j.state = 'succeeded')`);
    const { SETTLE_PLAIN } = await load('postgres/src/run/settle-plain.js');
    // The bearer's token is what its answer is found by.
    edit(SETTLE_JOBS, 'j.lease_token', 'i.token AS lease_token');
    // What has succeeded is left to SETTLE_JOBS: a second event in a history that is NULL is refused by the table's own constraint.
    edit(SETTLE_PLAIN, `j.lease_token = i.token AND j.state = 'running'`, `j.state = 'running'`);
    const { PostgresAttempts } = await load('postgres/src/run/postgres-attempts.js');
    PostgresAttempts.prototype.holds = async () => true;
    const { PostgresTransactions } = await load('postgres/src/pool/transactions.js');
    const { begin } = PostgresTransactions.prototype;
    PostgresTransactions.prototype.begin = function () {
      return begin.call(Object.assign(Object.create(this), { leaseSeconds: 3_600 }));
    };
  },
  /** What the fast path did not publish stays where it is. */
  'no-outbox-sweep': async () => {
    const { PostgresOutbox } = await load('postgres/src/relay/postgres-outbox.js');
    PostgresOutbox.prototype.take = async () => [];
  },
  /** A copy that comes back from a dead worker is held for ever. */
  'no-takeover': async () => {
    const { PostgresAttempts } = await load('postgres/src/run/postgres-attempts.js');
    const { claim } = PostgresAttempts.prototype;
    PostgresAttempts.prototype.claim = async function (...args) {
      const answers = await claim.apply(this, args);
      for (const { facts } of answers) if (facts) facts.ownerAlive = true;
      return answers;
    };
  },
  /** Nobody looks for dead workers: only the redelivery tells. */
  'no-lease-sweep': async () => {
    const { PostgresWorkers } = await load('postgres/src/lease/postgres-workers.js');
    PostgresWorkers.prototype.suspects = async () => ({ suspects: [], databaseUpSeconds: 0 });
  },
  /** Nobody remembers that a job has killed its worker: it goes on killing one after the other. */
  'crash-not-counted': async () => {
    const { TAKE_OVER } = await load('postgres/src/run/claim-jobs.js');
    const { RECOVER_WORKER } = await load('postgres/src/lease/workers.js');
    edit(TAKE_OVER, 'crashes = j.crashes + $6::boolean::integer', 'crashes = j.crashes');
    edit(RECOVER_WORKER, 'crashes = j.crashes + (gone.died OR j.crashes = 0)::integer', 'crashes = j.crashes');
  },
};

for (const name of (process.env.SABOTAGE ?? '').split(',').filter((word) => word !== '')) {
  if (!WAYS[name]) throw new Error(`expected SABOTAGE to name one of ${Object.keys(WAYS).join(', ')}, got: ${name}`);
  await WAYS[name]();
}
