/** A queue or exchange is missing that this account may not declare. The message has the command that makes it. */
export class MissingTopology extends Error {
  constructor(what: string, command: string, options?: ErrorOptions) {
    super(
      `expected the ${what} to exist, or this account to have the right to configure it, got neither; make it: ${command} (docs/operate/rabbitmq.md)`,
      options,
    );
    this.name = 'MissingTopology';
  }
}

/** The AMQP reply code of an error of a channel or a connection. */
function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code;
}

/** Whether the part exists with other arguments. */
export function isMismatch(error: unknown): boolean {
  return codeOf(error) === 406;
}

/** Whether the account lacks a permission. */
export function isDenied(error: unknown): boolean {
  return codeOf(error) === 403;
}

export function isAbsent(error: unknown): boolean {
  return codeOf(error) === 404;
}

/** Whether only a person can fix the error. The next try then follows after a long pause. */
export function isLasting(error: unknown): boolean {
  if (isMismatch(error) || isDenied(error) || error instanceof MissingTopology) return true;
  return error instanceof Error && error.cause !== undefined && isLasting(error.cause);
}

/** The error of a channel, with a message that says what to do. */
export function explained(error: unknown): unknown {
  if (isMismatch(error))
    return new Error(
      `a queue or exchange exists with other arguments than Longhaul declares (${brokerText(error)}); arguments cannot be changed: drain and delete it, or use another virtual host`,
      { cause: error },
    );
  if (isDenied(error) && !(error instanceof Error && error.name === 'BrokerRefusal'))
    return new Error(`RabbitMQ denies this account a right: ${brokerText(error)}; docs/operate/rabbitmq.md has the rights that it needs`, { cause: error });
  return error;
}

/** RabbitMQ's own text inside amqplib's message. */
export function brokerText(error: unknown): string {
  const { message } = error as Error;
  return /with message "(.*)"$/s.exec(message)?.[1] ?? message;
}
