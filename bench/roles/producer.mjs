// Submits in process, as a program does that has the peer as its library.

import { setTimeout as delay } from 'node:timers/promises';
import { clock, config, inFlight, serve } from '../lib/role.mjs';
import { loadPeer } from '../peers/index.mjs';

/** Payloads of one call at most. */
const FILL_BYTES = 8e6;

const { peer: name, env } = config();
const producer = await (await loadPeer(name)).producer(env);

serve(
  {
    /** One by one, with so many in flight. Milliseconds from the first call to the last answer, and when it began. */
    submit: async ({ count, concurrency, payload }) => {
      const began = clock();
      await inFlight(count, concurrency, () => producer.submit(payload));
      return { began, ms: clock() - began };
    },
    /** Many at once, by whatever the peer has for it. */
    fill: async ({ count, payload }) => {
      const began = clock();
      const atOnce = Math.max(1, Math.min(1_000, Math.floor(FILL_BYTES / JSON.stringify(payload).length)));
      if (producer.fill) for (let left = count; left > 0; left -= atOnce) await producer.fill(Math.min(left, atOnce), payload);
      else await inFlight(count, 500, () => producer.submit(payload));
      return { ms: clock() - began };
    },
    /** One job at a time on an idle system: when it was submitted, accepted and seen as done. */
    latency: async ({ seconds, payload, pauseMs, watching }) => {
      const jobs = [];
      for (const end = clock() + seconds * 1_000; clock() < end;) {
        const submitted = clock();
        const id = await producer.submit(payload);
        const accepted = clock();
        const asks = watching ? producer.isDone : undefined;
        while (asks && !(await asks(id))) await delay(1);
        jobs.push({ id, submitted, accepted, done: asks ? clock() : null });
        await delay(pauseMs);
      }
      return jobs;
    },
  },
  () => producer.close(),
);
