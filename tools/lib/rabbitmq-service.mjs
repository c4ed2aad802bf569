// RabbitMQ, from the first of these that has one; null when there is none to be had, with the reason.
// Tests need more than npm start does: a way to make vhosts on that very broker.

import { COMPOSE_AMQP_URL, composeRabbitmqctl, composeUp, hasEngine, isRunning } from './compose.mjs';
import { installPackage, isDebian, whyNotInstall } from './debian-packages.mjs';
import { PlainError, say, withoutPassword } from './log.mjs';
import { findControl, makeVhost, whyNoVhosts, withoutVhost } from './rabbitmq-control.mjs';
import { installedRabbitMq, startPrivateRabbitMq } from './rabbitmq-private.mjs';
import { DEFAULT_AMQP_URL, probeRabbitMq, requireRabbitMq } from './rabbitmq-probe.mjs';

/** @typedef {import('./services.mjs').Context} Context */
/** @typedef {import('./rabbitmq-control.mjs').Control} Control */
/** @typedef {{ url: string, how: string, control: Control | null }} Found */

/** @param {Context} context @returns {Promise<Found | null>} */
export async function findRabbitMq(context) {
  const ways = {
    '': [fromEnvironment, onDefaultPort, fromCompose, fromInstalled, fromDebian],
    private: [fromEnvironment, fromCompose, fromInstalled, fromDebian],
    embedded: [],
  }[context.mode];
  for (const way of ways) {
    const found = await way(context);
    if (found) return found;
    context.signal?.throwIfAborted();
  }
  return null;
}

/** One line: what gives a machine a broker. */
export function howToGetRabbitMq() {
  const install = isDebian() ? 'sudo apt-get install rabbitmq-server' : process.platform === 'darwin' ? 'brew install rabbitmq' : 'package rabbitmq-server';
  const reason = whyNotInstall();
  const wasNotInstalled = reason !== null && isDebian() ? ` (not done by itself: ${reason})` : '';
  return `install RabbitMQ (${install})${wasNotInstalled}, or start it with docker compose up -d rabbitmq, or set AMQP_URL; then run this again`;
}

/** @param {Context} context */
async function fromEnvironment({ purpose }) {
  const variable = purpose === 'test' && process.env.TEST_AMQP_URL ? 'TEST_AMQP_URL' : 'AMQP_URL';
  const url = process.env[variable];
  if (!url) return null;
  if (purpose === 'test') return forTests(url, variable);
  await requireRabbitMq(url, variable, () => makeVhost(url));
  return { url, how: variable, control: null };
}

/**
 * Each test file has a virtual host of its own, so the one of the URL is not used; whether they can be made is tried before any test runs.
 * @param {string} url @param {string} variable @returns {Promise<Found>}
 */
async function forTests(url, variable) {
  const control = await findControl(url);
  // A hosted broker lets its account into its own virtual host only; where others can be made, that one need not even be there.
  if (!control) await requireRabbitMq(url, variable);
  const bare = withoutVhost(url);
  const fault = control ? await whyNoVhosts(control, bare) : 'rabbitmqctl does not reach it';
  if (fault === null) return { url: bare, how: variable, control };
  throw new PlainError(
    `expected to make a virtual host for each test file on the broker of ${variable} (${withoutPassword(url)}), got: ${fault}. Set RABBITMQCTL to a command ` +
      'line that reaches it, or RABBITMQ_MANAGEMENT_URL (http://user:password@host:15672 of an administrator), or use a broker of your own: without AMQP_URL npm test finds or starts one.',
  );
}

/** @param {Context} context */
async function onDefaultPort({ purpose }) {
  let url = DEFAULT_AMQP_URL;
  let answer = await probeRabbitMq(url);
  if (!answer.ok && answer.isThere && (await probeRabbitMq(COMPOSE_AMQP_URL)).ok) {
    url = COMPOSE_AMQP_URL;
    answer = { ok: true };
  }
  if (!answer.ok) {
    if (answer.isThere) {
      say(`RabbitMQ at 127.0.0.1:5672 cannot be used (${answer.reason}); set AMQP_URL to use it anyway`);
    }
    return null;
  }
  const how = 'found at 127.0.0.1:5672';
  if (purpose === 'start') return { url, how, control: null };
  const control = await findControl(url, (await hasEngine()) && (await isRunning('rabbitmq')));
  if (control) return { url, how, control };
  say('RabbitMQ at 127.0.0.1:5672 cannot be used for tests: there is no way to make vhosts on it; set RABBITMQCTL to use it');
  return null;
}

/** @param {Context} context */
async function fromCompose({ owned }) {
  if (!(await hasEngine()) || !(await composeUp('rabbitmq', owned))) return null;
  return { url: COMPOSE_AMQP_URL, how: 'docker compose', control: { rabbitmqctl: composeRabbitmqctl } };
}

/** @param {Context} context */
async function fromInstalled({ purpose, owned, signal }) {
  const server = installedRabbitMq();
  if (!server) return null;
  const { url, rabbitmqctl } = await startPrivateRabbitMq({ server, purpose, owned, signal });
  return { url, how: `installed, private, at 127.0.0.1:${new URL(url).port}`, control: { rabbitmqctl } };
}

/** @param {Context} context */
async function fromDebian(context) {
  if (whyNotInstall() !== null || !(await installPackage('rabbitmq-server'))) return null;
  return fromInstalled(context);
}
