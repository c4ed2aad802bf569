// How the tests administer a broker that they did not start: a command line for rabbitmqctl, or the management API.

import { capture, findProgram } from './commands.mjs';
import { composeRabbitmqctl } from './compose.mjs';
import { say } from './log.mjs';
import { probeRabbitMq } from './rabbitmq-probe.mjs';

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

/** Makes the vhost of the URL, for its user, on a broker that rabbitmqctl reaches. False where it does not. */
export async function makeVhost(/** @type {string} */ amqpUrl) {
  const { pathname, username } = new URL(amqpUrl);
  const [vhost, user] = [decodeURIComponent(pathname.slice(1)), decodeURIComponent(username) || 'guest'];
  const control = await findControl(amqpUrl).catch(() => null);
  if (!control?.rabbitmqctl || vhost === '') return false;
  const made = await capture('sh', [
    '-c',
    `${control.rabbitmqctl} -q add_vhost "$1" && ${control.rabbitmqctl} -q set_permissions -p "$1" "$2" '.*' '.*' '.*'`,
    'sh',
    vhost,
    user,
  ]);
  say(made.code === 0 ? `made the vhost ${vhost}` : `the vhost ${vhost} does not exist and could not be made: ${made.output.split('\n').at(-1)}`);
  return made.code === 0;
}

/** The URL of a broker without the virtual host. */
export function withoutVhost(/** @type {string} */ amqpUrl) {
  const url = new URL(amqpUrl);
  url.pathname = '';
  url.hash = '';
  return url.href.replace(/\/$/, '');
}

/**
 * Makes a virtual host, goes into it with the account of the URL, and removes it again: null, or in a few words why that does not work.
 * @param {Control} control @param {string} amqpUrl  without a virtual host
 */
export async function whyNoVhosts(control, amqpUrl) {
  const services = await import('../../test/support/services.mjs');
  const before = { ...process.env };
  Object.assign(process.env, { TEST_AMQP_URL: amqpUrl, RABBITMQCTL: control.rabbitmqctl ?? '', RABBITMQ_MANAGEMENT_URL: control.managementUrl ?? '' });
  const name = `lh_test_${services.newRunId()}_probe`;
  try {
    await services.addVhost(name);
    const answer = await probeRabbitMq(services.urlOfVhost(name), 10_000);
    return answer.ok ? null : answer.reason;
  } catch (error) {
    const lines = String(/** @type {Error} */ (error).message).split('\n');
    return lines.find((line) => /error|denied|refused|expected/i.test(line)) ?? lines[0];
  } finally {
    await services.removeVhosts([name]).catch(() => undefined);
    for (const variable of ['TEST_AMQP_URL', 'RABBITMQCTL', 'RABBITMQ_MANAGEMENT_URL']) {
      if (before[variable] === undefined) delete process.env[variable];
      else process.env[variable] = before[variable];
    }
  }
}
