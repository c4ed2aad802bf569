// Asking a RabbitMQ broker whether it will do. Needs node_modules.

import { amqpTls } from './amqp-tls.mjs';
import { tellRefusals } from './amqp-refusal.mjs';
import { PlainError, withoutPassword } from './log.mjs';

export const DEFAULT_AMQP_URL = 'amqp://guest:guest@127.0.0.1:5672';

/** Shakes hands as a client and looks at the version. @returns {Promise<import('./postgres-probe.mjs').Answer>} */
export async function probeRabbitMq(/** @type {string} */ url, timeoutMs = 5_000) {
  const { connect } = await import('amqplib');
  tellRefusals();
  const tls = await amqpTls(url);
  /** @type {import('amqplib').ChannelModel | undefined} */
  let connection;
  try {
    connection = await connect(url, { ...tls, timeout: timeoutMs });
    connection.on('error', () => undefined);
    const { product, version } = connection.connection.serverProperties;
    const [major = 0, minor = 0] = String(version).split('.').map(Number);
    if (product !== 'RabbitMQ') return { ok: false, isThere: true, reason: `it is ${product}, not RabbitMQ` };
    if (major < 3 || (major === 3 && minor < 10)) {
      return { ok: false, isThere: true, reason: `it is version ${version}, and 3.10 is needed` };
    }
    return { ok: true };
  } catch (error) {
    const { code, message } = /** @type {{ code?: string, message: string }} */ (error);
    return { ok: false, isThere: code !== 'ECONNREFUSED', reason: message || String(code) };
  } finally {
    await connection?.close().catch(() => undefined);
  }
}

/** For a URL that the user has given: it answers, or the run ends here. `make`: tries to make its vhost, and says whether it has. */
export async function requireRabbitMq(/** @type {string} */ url, /** @type {string} */ variable, make = async () => false) {
  let answer = await probeRabbitMq(url, 10_000);
  if (!answer.ok && /vhost .* not found/.test(answer.reason) && (await make())) answer = await probeRabbitMq(url, 10_000);
  if (answer.ok) return;
  throw new PlainError(
    `expected RabbitMQ to answer at ${variable} (${withoutPassword(url)}), got: ${answer.reason}. ` +
      `Start it, correct ${variable}, or unset it to let npm find or start one.`,
  );
}
