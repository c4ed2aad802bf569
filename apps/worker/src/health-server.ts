import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type ProblemCode, PROBLEMS, problemType } from '@app/contracts';
import {
  answerClientError,
  answerEverything,
  type Certificate,
  hostProblem,
  type HostRule,
  MAX_HEADER_BYTES,
  type MessageProblem,
  type PrometheusMetrics,
  SECURITY_HEADERS,
  sizeProblem,
} from '@app/host';
import type { WorkerService } from '@app/host';

const ALLOW = 'GET, HEAD';
const PATHS = ['/health/live', '/health/ready', '/metrics'];

/** Where a worker listens; over TLS alone where there is a certificate. */
export interface HealthPort {
  host: string;
  port: number;
  certificate?: Certificate | undefined;
}

/** Serves `/health/live`, `/health/ready` and `/metrics`, the only HTTP of a worker, by the same rules as the gateway. */
export function serveHealth(
  worker: Pick<WorkerService, 'ready' | 'reason'>,
  metrics: Pick<PrometheusMetrics, 'textOfAll' | 'contentType'>,
  hosts: HostRule,
  { host, port, certificate }: HealthPort,
): Promise<Server> {
  const answer: RequestListener = (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const target = request.url ?? '/';
    const path = pathOf(target);
    const problem = refusal(request, target, path, hosts);
    if (problem) return refuse(response, problem, path);
    if (path === '/metrics') return void answerMetrics(metrics, response);
    const ready = path === '/health/live' || worker.ready;
    response.writeHead(ready ? 200 : 503, { 'content-type': 'application/json' });
    // Probes may use any host name. The reason, which may contain internal names, is shown only under an allowed host name.
    const reason = ready || hosts(request.headers.host ?? '') !== 'allowed' ? undefined : worker.reason;
    response.end(JSON.stringify({ status: ready ? 'ok' : 'not ready', ...(reason === undefined ? {} : { reason }) }));
  };
  const server = listening(answer, certificate);
  answerEverything(server);
  server.on('clientError', answerClientError);
  return new Promise((resolve, reject) => server.once('error', reject).listen(port, host, () => resolve(server)));
}

function listening(answer: RequestListener, certificate: Certificate | undefined): Server {
  const options = { maxHeaderSize: MAX_HEADER_BYTES, requireHostHeader: false };
  if (certificate === undefined) return createServer(options, answer);
  const server = createTlsServer({ ...options, ...certificate.options }, answer);
  certificate.keepFresh(server);
  return server;
}

/** The path of a request, without a slash at the end. It uses no URL parser, because that throws on targets that some clients send. */
function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').split('?', 1)[0] ?? '';
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function refusal(request: IncomingMessage, target: string, path: string, hosts: HostRule): MessageProblem | undefined {
  const problem = sizeProblem(request, target) ?? hostProblem(request, target, hosts, path.startsWith('/health/'));
  if (problem) return problem;
  const { expect } = request.headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    return { code: 'expectation_failed', detail: `expected Expect to be 100-continue, got: ${JSON.stringify(expect.slice(0, 100))}` };
  if (!PATHS.includes(path)) return { code: 'not_found', detail: `a worker has ${PATHS.join(', ')} only` };
  if (request.method !== 'GET' && request.method !== 'HEAD') return { code: 'method_not_allowed', detail: `expected ${ALLOW}, got ${request.method}` };
  return undefined;
}

function refuse(response: ServerResponse, { code, detail }: { code: ProblemCode; detail: string }, instance: string): void {
  const { status, title } = PROBLEMS[code];
  if (code === 'method_not_allowed') response.setHeader('allow', ALLOW);
  // The connection is closed because a body of the request is not read.
  response.writeHead(status, { 'content-type': 'application/problem+json', connection: 'close' });
  response.end(JSON.stringify({ type: problemType(code), title, status, detail, instance }));
}

async function answerMetrics(metrics: Pick<PrometheusMetrics, 'textOfAll' | 'contentType'>, response: ServerResponse): Promise<void> {
  const text = await metrics.textOfAll().catch(() => undefined);
  response.writeHead(text === undefined ? 503 : 200, { 'content-type': text === undefined ? 'text/plain' : metrics.contentType });
  response.end(text ?? 'the metrics could not be read');
}
