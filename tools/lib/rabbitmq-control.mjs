// How the tests administer a broker that they did not start: a command line for rabbitmqctl, or the management API.

import { capture, findProgram } from './commands.mjs';
import { composeRabbitmqctl } from './compose.mjs';

/** @typedef {{ rabbitmqctl: string, managementUrl?: undefined } | { managementUrl: string, rabbitmqctl?: undefined }} Control */

/** What works for this broker, or null. What the user has set is taken as it is. @returns {Promise<Control | null>} */
export async function findControl(/** @type {string} */ amqpUrl, inCompose = false) {
  if (process.env.RABBITMQ_MANAGEMENT_URL) return { managementUrl: process.env.RABBITMQ_MANAGEMENT_URL };
  if (process.env.RABBITMQCTL) return { rabbitmqctl: process.env.RABBITMQCTL };
  if (inCompose) return { rabbitmqctl: composeRabbitmqctl };
  const { hostname, port } = new URL(amqpUrl);
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) return null;
  return findProgram('rabbitmqctl') && (await listensOn('rabbitmqctl', Number(port || 5672))) ? { rabbitmqctl: 'rabbitmqctl' } : null;
}

/** The node that rabbitmqctl reaches need not be the broker at that URL; its listeners tell. */
async function listensOn(/** @type {string} */ rabbitmqctl, /** @type {number} */ port) {
  const expression = '[io:format("~w~n", [P]) || {listener, _, _, _, _, P, _} <- rabbit_networking:active_listeners()].';
  const { code, output } = await capture(rabbitmqctl, ['-q', 'eval', expression], { timeoutMs: 20_000 });
  return code === 0 && output.split('\n').includes(String(port));
}
