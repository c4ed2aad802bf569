// Loaded before the built product (node --import): kills the process at a named point, so that the product itself
// carries no trace of it. CRASH_AT=<Class>.<method>[/<number of arguments>]:<before|after|during>:<nth call>
// `during` kills while the call is on its way: what it sends has left, its answer has not come.
// FREEZE_AT, written the same, stops it there instead (SIGSTOP): what it was about to do it does when somebody lets it go on.

import 'reflect-metadata';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const dist = join(import.meta.dirname, '../../../dist/libs');

/** Where each class is that has a crash point. */
const CLASSES = {
  ConfirmPublisher: 'rabbitmq/src/publish/confirm-publisher.js',
  Execution: 'core/src/run/execution.js',
  PostgresAttempts: 'postgres/src/run/postgres-attempts.js',
  PostgresDeadLetters: 'postgres/src/letters/postgres-dead-letters.js',
  PostgresOutbox: 'postgres/src/relay/postgres-outbox.js',
  PostgresSubmissions: 'postgres/src/submit/postgres-submissions.js',
  PostgresWorkers: 'postgres/src/lease/postgres-workers.js',
  RabbitDelivery: 'rabbitmq/src/consume/delivery.js',
  Transaction: 'postgres/src/pool/transactions.js',
};

if (process.env.CRASH_AT) await arm(process.env.CRASH_AT, 'SIGKILL');
if (process.env.FREEZE_AT) await arm(process.env.FREEZE_AT, 'SIGSTOP');

async function arm(spec, signal) {
  const [, className, method, arity, when, nth] = /^(\w+)\.(\w+)(?:\/(\d))?:(before|after|during):(\d+)$/.exec(spec) ?? [];
  if (!CLASSES[className]) throw new Error(`expected a point to be <Class>.<method>[/<arguments>]:<before|after|during>:<n>, got: ${spec}`);
  const module = await import(pathToFileURL(join(dist, CLASSES[className])).href);
  let passes = 0;
  const strike = (original) =>
    function (...args) {
      if (arity !== undefined && args.filter((arg) => arg !== undefined).length !== Number(arity)) return original.apply(this, args);
      if (++passes !== Number(nth)) return original.apply(this, args);
      if (when === 'before') strikeAt(spec, signal);
      const result = original.apply(this, args);
      // Two turns of the event loop: the socket has been written to, nothing has been read.
      if (when === 'during') setImmediate(() => setImmediate(() => strikeAt(spec, signal)));
      else if (result instanceof Promise) return result.finally(() => strikeAt(spec, signal));
      else strikeAt(spec, signal);
      return result;
    };
  if (className === 'Transaction') armTransactions(module.PostgresTransactions.prototype, method, strike);
  else module[className].prototype[method] = strike(module[className].prototype[method]);
}

/** Of the handlers' transactions, made one at a time. */
function armTransactions(prototype, method, strike) {
  const begin = prototype.begin;
  let struck;
  prototype.begin = async function () {
    const open = await begin.call(this);
    struck ??= strike((end) => end());
    return { ...open, [method]: () => struck(open[method]) };
  };
}

function strikeAt(spec, signal) {
  process.stderr.write(`crash point ${spec}\n`);
  process.kill(process.pid, signal);
}
