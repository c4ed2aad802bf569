// This module imports little, because the first of several processes loads nothing of the app.
import cluster from 'node:cluster';
import { Environment } from '../environment.js';
import { failStart } from '../lifecycle.js';
import { createLogger } from '../logs/logger.js';
import { Redaction } from '../logs/redaction.js';
import { readCommandLine } from './command-line.js';
import { FirstProcess } from './first-process.js';

export { checkConfig } from './check-config.js';
export { loadEnvironmentFile, readCommandLine } from './command-line.js';

const DOES = {
  gateway: 'Starts a gateway: accepts jobs over HTTP and AMQP, and answers what became of them.',
  worker: 'Starts a worker: takes jobs from RabbitMQ and runs them.',
};

/**
 * Runs an app in `WEB_CONCURRENCY` processes (default: 1), because a Node process uses one core; see {@link FirstProcess}.
 * `run` loads the app and starts it.
 */
export async function runProcesses(app: 'gateway' | 'worker', run: () => Promise<unknown>): Promise<void> {
  readCommandLine({ command: `npm run start:${app}`, does: DOES[app] });
  try {
    const env = new Environment(process.env);
    const count = cluster.isWorker ? 1 : env.integer('WEB_CONCURRENCY', 1, 256, 1);
    if (count === 1) await run();
    else new FirstProcess(count, createLogger(app, env.logLevel(), undefined, Redaction.of(env)), env.text('TLS_CERT_FILE', '') !== '').start();
  } catch (error) {
    failStart(error);
  }
}
