// PostgreSQL and RabbitMQ for npm start and npm test: found, or brought up, in one fixed order.

import { PlainError, say } from './log.mjs';
import { findPostgres } from './postgres-service.mjs';
import { findRabbitMq } from './rabbitmq-service.mjs';

/**
 * @typedef {object} Context
 * @property {'start' | 'test'} purpose
 * @property {'' | 'private' | 'embedded'} mode  LONGHAUL_SERVICES: nothing for the usual order, `private` to leave alone
 *           what answers on the default ports, `embedded` for the way of a machine that has Node and nothing else
 * @property {import('./owned.mjs').Owned} owned
 * @property {AbortSignal} [signal]
 */

/**
 * @param {'start' | 'test'} purpose @param {import('./owned.mjs').Owned} owned
 * @param {{ signal?: AbortSignal, withBroker?: boolean }} [options]
 */
export async function findServices(purpose, owned, { signal, withBroker = true } = {}) {
  const mode = process.env.LONGHAUL_SERVICES ?? '';
  if (mode !== '' && mode !== 'private' && mode !== 'embedded') {
    throw new PlainError(`expected LONGHAUL_SERVICES to be unset, private or embedded, got: ${mode}`);
  }
  /** @type {Context} */
  const context = { purpose, mode, owned, signal };
  const postgres = await findPostgres(context);
  say(`PostgreSQL: ${postgres.how}`);
  const rabbitMq = withBroker ? await findRabbitMq(context) : null;
  if (rabbitMq) say(`RabbitMQ: ${rabbitMq.how}`);
  return { postgres, rabbitMq };
}
