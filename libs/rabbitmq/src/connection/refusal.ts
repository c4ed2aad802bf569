import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** RabbitMQ has refused a connection; the message is RabbitMQ's own text, such as `NOT_ALLOWED - vhost x not found`. */
export class BrokerRefusal extends Error {
  constructor(
    /** The AMQP reply code: 403 for a login, 530 for a virtual host or a limit, 541 for a virtual host that is down. */
    readonly code: number,
    text: string,
  ) {
    super(text);
    this.name = 'BrokerRefusal';
  }
}

interface CloseFrame {
  id: number;
  fields: { replyCode: number; replyText: string };
}

type Step = (then: (error: Error | null, frame: CloseFrame | null) => void) => void;

interface Opening {
  step: Step;
  open(fields: unknown, opened: (error: Error | null, ok?: unknown) => void): void;
}

const CONNECTION_CLOSE = 655_410;
const told = Symbol.for('longhaul: refusals are told');

/**
 * Makes amqplib's `connect` reject with {@link BrokerRefusal} when RabbitMQ gives a reason for a refusal. Without this, amqplib drops the text of
 * all refusals except that of a login: "Expected ConnectionOpenOk; got <ConnectionClose channel:0>". amqplib does not export its connection class, so
 * it is loaded by its path. A second call does nothing.
 */
export function tellRefusals(): void {
  const require = createRequire(import.meta.url);
  const { Connection } = require(join(dirname(require.resolve('amqplib')), 'lib/connection.js')) as { Connection: { prototype: Opening & { [told]?: true } } };
  const { prototype } = Connection;
  if (prototype[told]) return;
  prototype[told] = true;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its connection below
  const { open, step } = prototype;
  prototype.open = function (fields, opened) {
    let refusal: BrokerRefusal | undefined;
    this.step = (then) =>
      step.call(this, (error, frame) => {
        if (frame?.id === CONNECTION_CLOSE) refusal = new BrokerRefusal(frame.fields.replyCode, frame.fields.replyText);
        then(error, frame);
      });
    open.call(this, fields, (error, ok) => opened(error && (refusal ?? error), ok));
  };
}
