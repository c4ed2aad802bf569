import type { Redaction } from '@app/host';
import type { RabbitDelivery } from '@app/rabbitmq';

type Message = Pick<RabbitDelivery['message'], 'content' | 'properties'>;

/** Keeps what `LOG_REDACT` names out of the logs while the message is taken in; the function that it returns is called when that is over. */
export function heldMessage({ content, properties }: Message, redaction: Redaction): () => void {
  if (!redaction.active) return () => undefined;
  const { messageId, headers } = properties as { messageId?: unknown; headers?: Record<string, unknown> };
  return redaction.hold({ payload: jsonOf(content), headers, idempotencyKey: messageId });
}

/** What a log may have of why the message was refused. Where the message is no JSON, that may quote a piece of it, and nobody knows of which field. */
export function loggedDetail(detail: string, { content }: Message, redaction: Redaction): string {
  return redaction.active && jsonOf(content) === undefined ? 'the message is no JSON' : detail;
}

function jsonOf(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    return undefined;
  }
}
