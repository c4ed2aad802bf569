// The same route in front of every peer: POST /jobs, answered 202 with an id when the peer has stored the job.

import Fastify from 'fastify';
import { config, serve } from '../lib/role.mjs';
import { loadPeer } from '../peers/index.mjs';

const { peer: name, env } = config();
const peer = await loadPeer(name);
const { url, close } = await (peer.serve ?? serveFastify)(env);

serve({ url: () => url }, close);

/** @param {import('../peers/index.mjs').PeerEnv} env */
async function serveFastify(env) {
  const producer = await peer.producer(env);
  const app = Fastify();
  app.post('/jobs', async (request, reply) => {
    const id = await producer.submit(/** @type {any} */ (request.body).payload);
    return reply.code(202).header('location', `/jobs/${id}`).send({ id });
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    url,
    close: async () => {
      await app.close();
      await producer.close();
    },
  };
}
