// RabbitMQ's own text where it refuses a connection. libs/rabbitmq/src/connection/refusal.ts has the same for the apps; this one runs before there is a build.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const CONNECTION_CLOSE = 655_410;
const told = Symbol.for('longhaul: refusals are told');

/** Makes amqplib's `connect` reject with RabbitMQ's own text, such as `NOT_ALLOWED - vhost x not found`, which amqplib drops. May be called again. */
export function tellRefusals() {
  const require = createRequire(import.meta.url);
  const { prototype } = require(join(dirname(require.resolve('amqplib')), 'lib/connection.js')).Connection;
  if (prototype[told]) return;
  prototype[told] = true;
  const { open, step } = prototype;
  /** @typedef {{ id: number, fields: { replyCode: number, replyText: string } }} Frame */
  /** @param {unknown} fields @param {(error: Error | null, ok?: unknown) => void} opened */
  prototype.open = function (fields, opened) {
    /** @type {Error | undefined} */
    let refusal;
    /** @param {(error: Error | null, frame: Frame | null) => void} then */
    this.step = (then) =>
      step.call(this, (/** @type {Error | null} */ error, /** @type {Frame | null} */ frame) => {
        if (frame?.id === CONNECTION_CLOSE) refusal = Object.assign(new Error(frame.fields.replyText), { code: frame.fields.replyCode });
        then(error, frame);
      });
    open.call(this, fields, (/** @type {Error | null} */ error, /** @type {unknown} */ ok) => opened(error && (refusal ?? error), ok));
  };
}
