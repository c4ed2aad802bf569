// Three small HTTP services on loopback for fanout.enrich: one answers, one has to be asked again, one never answers well.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** @typedef {{ status: number, body: object, afterMs: number }} Answer */

/** @returns {Promise<{ urls: string[], close: () => void }>} */
export async function startDemoServices() {
  let trafficCalls = 0;
  const services = await Promise.all([
    serve(() => ({ status: 200, body: { temperature: 11.5, sky: 'drizzle' }, afterMs: 400 })),
    serve(() =>
      ++trafficCalls === 1 ? { status: 503, body: { error: 'busy, ask again' }, afterMs: 100 } : { status: 200, body: { congestion: 0.42 }, afterMs: 300 },
    ),
    serve(() => ({ status: 500, body: { error: 'out of order' }, afterMs: 50 })),
  ]);
  return { urls: services.map(({ url }) => url), close: () => services.forEach(({ server }) => server.close()) };
}

/** @param {() => Answer} answer */
async function serve(answer) {
  const server = createServer(async (request, response) => {
    request.resume();
    const { status, body, afterMs } = answer();
    await delay(afterMs);
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { server, url: `http://127.0.0.1:${port}/about/{key}` };
}
