// Imports little: of several processes the first one loads nothing of the app.
import cluster from 'node:cluster';
import { Environment } from '../environment.js';
import { failStart } from '../lifecycle.js';
import { createLogger } from '../logger.js';
import { FirstProcess } from './first-process.js';

/**
 * Runs an app in `WEB_CONCURRENCY` processes (1 unless told otherwise), for a Node process uses one core; see {@link FirstProcess}.
 * `run` loads the app and starts it.
 */
export async function runProcesses(app: string, run: () => Promise<unknown>): Promise<void> {
  try {
    const env = new Environment(process.env);
    const count = cluster.isWorker ? 1 : env.integer('WEB_CONCURRENCY', 1, 256, 1);
    if (count === 1) await run();
    else new FirstProcess(count, createLogger(app, env.logLevel())).start();
  } catch (error) {
    failStart(error);
  }
}
