// PostgreSQL and RabbitMQ of docker-compose.yml, where a Docker engine runs: the usual ports, and accounts of their own.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { capture, findProgram } from './commands.mjs';
import { say } from './log.mjs';
import { project } from './paths.mjs';

const file = join(project, 'docker-compose.yml');
const FILE = ['compose', '-f', file];

const { POSTGRES_PASSWORD = 'longhaul', RABBITMQ_USER = 'longhaul', RABBITMQ_PASSWORD = 'longhaul' } = process.env;
const encoded = encodeURIComponent;

/** By the accounts of docker-compose.yml; the defaults are the same there. */
export const COMPOSE_POSTGRES_URL = `postgres://postgres:${encoded(POSTGRES_PASSWORD)}@127.0.0.1:5432/postgres`;
export const COMPOSE_AMQP_URL = `amqp://${encoded(RABBITMQ_USER)}:${encoded(RABBITMQ_PASSWORD)}@127.0.0.1:5672`;

/** @type {Promise<boolean> | undefined} */
let engine;

/** Is there a docker-compose.yml, an engine to talk to, and the compose plug-in? Asked once. */
export function hasEngine() {
  engine ??= (async () => {
    if (!existsSync(file) || !findProgram('docker')) return false;
    if ((await capture('docker', ['info'], { timeoutMs: 10_000 })).code !== 0) return false;
    return (await capture('docker', ['compose', 'version'], { timeoutMs: 10_000 })).code === 0;
  })();
  return engine;
}

/** @param {'postgres' | 'rabbitmq'} service @param {import('./owned.mjs').Owned} owned */
export async function composeUp(service, owned) {
  say(`starting ${service} with docker compose`);
  const wasRunning = await isRunning(service);
  const { code, output } = await capture('docker', [...FILE, 'up', '--detach', '--wait', service], {
    timeoutMs: 10 * 60_000,
  });
  if (!wasRunning) {
    owned.add(`docker compose's ${service}`, {
      stop: async () => void (await capture('docker', [...FILE, 'stop', service])),
    });
  }
  if (code === 0) return true;
  say(`docker compose could not start ${service}: ${output.split('\n').slice(-3).join(' ')}`);
  return false;
}

/** @param {'postgres' | 'rabbitmq'} service */
export async function isRunning(service) {
  const { code, output } = await capture('docker', [...FILE, 'ps', '--quiet', '--status', 'running', service]);
  return code === 0 && output !== '';
}

/** A command line for `sh -c`. */
export const composeRabbitmqctl = `docker compose -f '${file}' exec -T rabbitmq rabbitmqctl`;
