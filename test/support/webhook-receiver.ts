import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface ReceivedWebhook {
  id: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: {
    type: string;
    timestamp: string;
    data: { id: string; kind: string; state: string; result: unknown; resultOmitted?: boolean; links: { self: string } };
  };
  /** Which of the secrets the reference verifier accepts. */
  verifiedBy: string[];
}

export interface WebhookReceiver {
  url: string;
  /** All that came, in order, whether it was answered well or not. */
  received: ReceivedWebhook[];
  /** Of one job. */
  of(jobId: string): ReceivedWebhook[];
  /** The secrets that it verifies with. */
  secrets: string[];
  /** How it answers from now on; by default 204. */
  answer: (response: ServerResponse, webhook: ReceivedWebhook) => void;
  close(): Promise<void>;
}

/** A receiver on 127.0.0.1, built as Standard Webhooks' own library would have it. */
export async function webhookReceiver(): Promise<WebhookReceiver> {
  const receiver: WebhookReceiver = {
    url: '',
    received: [],
    secrets: [],
    of: (jobId) => receiver.received.filter(({ body }) => body.data.id === jobId),
    answer: (response) => response.writeHead(204).end(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const webhook = {
        id: String(request.headers['webhook-id']),
        path: request.url ?? '',
        headers: request.headers,
        body: JSON.parse(text) as ReceivedWebhook['body'],
        verifiedBy: receiver.secrets.filter((secret) => verifies(secret, text, request.headers)),
      };
      receiver.received.push(webhook);
      receiver.answer(response, webhook);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return receiver;
}

function verifies(secret: string, text: string, headers: IncomingHttpHeaders): boolean {
  try {
    new Webhook(secret).verify(text, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}
