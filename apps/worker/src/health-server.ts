import { createServer, type Server, type ServerResponse } from 'node:http';
import type { PrometheusMetrics } from '@app/runtime';
import type { WorkerService } from './worker.service.js';

/** `/health/live`, `/health/ready` and `/metrics` of a worker, which has no other HTTP. */
export function serveHealth(worker: WorkerService, metrics: PrometheusMetrics, host: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    // No URL parser: it throws on what some clients send as a target.
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (path === '/metrics') return void answerMetrics(metrics, response);
    const known = path === '/health/live' || path === '/health/ready';
    const ready = path === '/health/live' || worker.ready;
    const status = !known ? 404 : ready ? 200 : 503;
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify({ status: !known ? 'not found' : ready ? 'ok' : 'not ready' }));
  });
  return new Promise((resolve, reject) => server.once('error', reject).listen(port, host, () => resolve(server)));
}

async function answerMetrics(metrics: PrometheusMetrics, response: ServerResponse): Promise<void> {
  const text = await metrics.textOfAll().catch(() => undefined);
  response.writeHead(text === undefined ? 503 : 200, { 'content-type': text === undefined ? 'text/plain' : metrics.contentType, 'cache-control': 'no-store' });
  response.end(text ?? 'the metrics could not be read');
}
