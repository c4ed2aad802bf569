import { createServer, type Server } from 'node:http';
import type { WorkerService } from './worker.service.js';

/** `/health/live` and `/health/ready` of a worker, which has no other HTTP. */
export function serveHealth(worker: WorkerService, host: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://worker').pathname;
    const known = path === '/health/live' || path === '/health/ready';
    const ready = path === '/health/live' || worker.ready;
    const status = !known ? 404 : ready ? 200 : 503;
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify({ status: !known ? 'not found' : ready ? 'ok' : 'not ready' }));
  });
  return new Promise((resolve, reject) => server.once('error', reject).listen(port, host, () => resolve(server)));
}
