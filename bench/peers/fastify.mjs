// The ceiling of accepting: JSON in, 202 out, nothing stored.

import { randomUUID } from 'node:crypto';

/** @type {import('./index.mjs').Peer} */
export const fastify = {
  title: 'bare Fastify',
  needs: [],
  settings: 'stores nothing',
  producer: async () => ({ submit: async () => randomUUID(), close: async () => undefined }),
};
