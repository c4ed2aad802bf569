// `npm start`: a running Longhaul on a machine that has Node, and whatever else is there. Ctrl-C stops what it started.

import './lib/node-version.mjs';
import { readCommandLine } from './lib/command-line.mjs';
import { startLonghaul } from './lib/longhaul.mjs';
import { reportAndFail, say } from './lib/log.mjs';
import { Owned } from './lib/owned.mjs';
import { onStopSignal } from './lib/signals.mjs';

const HELP = `Usage: npm start

Starts a whole Longhaul: PostgreSQL and RabbitMQ (found, or brought up), the migrations, a gateway and a worker. Ctrl-C stops
what was started here. Settings come from the environment and from .env in the working directory (LONGHAUL_ENV_FILE names
another file); docs/reference/configuration.md lists them. The first to change: DATABASE_URL, AMQP_URL, PORT, LONGHAUL_BROKER=none.

  npm start -- --help     this text
  npm start -- --version  the version
`;

const owned = new Owned();
const { signal, second } = onStopSignal();
try {
  readCommandLine(HELP);
  const { url, workerUrl } = await startLonghaul(owned, { signal, hurry: second });
  sayWhere(url, workerUrl);
  await untilAborted(signal);
} catch (error) {
  reportAndFail(error, signal);
} finally {
  await owned.stop();
  if (signal.aborted) say('stopped');
  process.exit(); // With the exit code that was set, if one was. Nothing of ours is left to wait for.
}

/** @param {string} url @param {string | null} workerUrl */
function sayWhere(url, workerUrl) {
  process.stderr.write(`
  console   ${url}/console
  gateway   ${url}          docs ${url}/docs   OpenAPI ${url}/openapi.json
  worker    ${workerUrl ? `${workerUrl}/health/ready` : 'in the gateway (single-process mode)'}

  Try it:

    curl -i ${url}/jobs -H 'content-type: application/json' -H 'prefer: wait=10' -d '{"kind":"debug.echo","payload":{"value":"hello"}}'

  ${url === 'http://127.0.0.1:3000' ? '' : `GATEWAY_URL=${url} `}npm run demo, in another terminal, runs the real jobs. Ctrl-C stops everything that was started here.

`);
}

/** @param {AbortSignal} signal */
function untilAborted(signal) {
  // The timer keeps this process alive while a supervisor pauses between two lives of a child.
  return new Promise((resolve) => {
    const alive = setInterval(() => undefined, 60_000);
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      resolve(undefined);
    });
    if (signal.aborted) resolve(undefined);
  });
}
