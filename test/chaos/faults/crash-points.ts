import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../support/index.js';
import type { Scenario } from '../support/scenario.js';

interface Point {
  /** What the process was about to do, or had just done. */
  when: string;
  at: string;
  in: 'gateway' | 'worker' | 'single-process mode';
  env?: Record<string, string>;
  /** Many slow jobs by one message, of which most wait for one of the two slots. */
  together?: true;
}

/** After the table of crash points in the protocol's own page, docs/inside/protocol.md. */
const POINTS: Point[] = [
  { when: 'before the submit commits', in: 'gateway', at: 'PostgresSubmissions.submit:before:25' },
  { when: 'after the submit commits, before the answer and the publish', in: 'gateway', at: 'PostgresSubmissions.submit:after:25' },
  { when: 'while the submit commits', in: 'gateway', at: 'PostgresSubmissions.submit:during:25' },
  { when: 'before the publish', in: 'gateway', at: 'ConfirmPublisher.publish:before:25' },
  { when: 'after the publish, before the confirm', in: 'gateway', at: 'ConfirmPublisher.publish:during:25' },
  { when: 'after the confirm, before the outbox row is deleted', in: 'gateway', at: 'PostgresOutbox.remove:before:10' },
  { when: 'after the outbox row is deleted', in: 'gateway', at: 'PostgresOutbox.remove:after:10' },
  { when: 'with rows of the outbox in hand', in: 'gateway', at: 'PostgresOutbox.take:after:10' },
  { when: 'before an AMQP submission is acknowledged', in: 'gateway', at: 'RabbitDelivery.accept:before:10' },
  { when: 'after an AMQP submission is acknowledged', in: 'gateway', at: 'RabbitDelivery.accept:after:10' },
  { when: 'before the claim commits', in: 'worker', at: 'PostgresAttempts.claim:before:10' },
  { when: 'while the claim commits', in: 'worker', at: 'PostgresAttempts.claim:during:10' },
  { when: 'after the claim, before the handler', in: 'worker', at: 'PostgresAttempts.claim:after:10' },
  { when: 'before the settlement', in: 'worker', at: 'PostgresAttempts.settle:before:10' },
  { when: 'in the settlement, before the commit', in: 'worker', at: 'Transaction.commit:before:10' },
  { when: 'while the settlement commits', in: 'worker', at: 'Transaction.commit:during:10' },
  { when: 'after the settlement commits, before the event', in: 'worker', at: 'Transaction.commit:after:10' },
  { when: 'before the events of jobs that end together are sent', in: 'worker', at: 'ConfirmPublisher.publishEvents:before:10' },
  { when: 'after events are sent, before their confirms', in: 'worker', at: 'ConfirmPublisher.publishEvents:during:10' },
  { when: 'after the confirms of events, before the acknowledgements', in: 'worker', at: 'ConfirmPublisher.publishEvents:after:10' },
  { when: 'after the event, before the acknowledgement', in: 'worker', at: 'RabbitDelivery.accept:before:10' },
  { when: 'after the acknowledgement', in: 'worker', at: 'RabbitDelivery.accept:after:10' },
  { when: 'before the rejection of a failed job', in: 'worker', at: 'RabbitDelivery.reject:before:1' },
  { when: 'after the rejection of a failed job', in: 'worker', at: 'RabbitDelivery.reject:after:1' },
  { when: 'before jobs that wait for a slot are put back', in: 'worker', at: 'PostgresAttempts.putBack:before:1', together: true },
  {
    when: 'after jobs that wait for a slot were put back, before their part of the message is accepted',
    in: 'worker',
    at: 'PostgresAttempts.putBack:after:1',
    together: true,
  },
  { when: 'before the hand-over of a long job', in: 'worker', at: 'Execution.handOver:before:1', env: { HANDOVER_SECONDS: '1' } },
  { when: 'after the hand-over of a long job', in: 'worker', at: 'Execution.handOver:after:1', env: { HANDOVER_SECONDS: '1' } },
  { when: 'before the claim in single-process mode', in: 'single-process mode', at: 'PostgresAttempts.claimDue:before:10' },
  { when: 'after the claim in single-process mode, before the handler', in: 'single-process mode', at: 'PostgresAttempts.claimDue:after:10' },
  {
    when: 'before the claim of the oldest in single-process mode',
    in: 'single-process mode',
    at: 'PostgresAttempts.claimOldest:before:1',
    env: { WORKER_CONCURRENCY: '2' },
  },
  {
    when: 'after the claim of the oldest in single-process mode, before the handler',
    in: 'single-process mode',
    at: 'PostgresAttempts.claimOldest:after:1',
    env: { WORKER_CONCURRENCY: '2' },
  },
  { when: 'in the settlement in single-process mode, before the commit', in: 'single-process mode', at: 'Transaction.commit:before:10' },
  { when: 'after the settlement commits in single-process mode', in: 'single-process mode', at: 'Transaction.commit:after:10' },
];

export const crashPoints: Scenario[] = POINTS.map(({ when, at, in: process, env, together }) => ({
  name: `a ${process === 'single-process mode' ? 'gateway' : process} dies ${when}`,
  group: 'crash point',
  world: {
    ...(process === 'single-process mode' ? { mode: 'single-process' as const } : { gateways: process === 'gateway' ? 2 : 1 }),
    ...(process === 'worker' ? { firstWorker: { CRASH_AT: at } } : { firstGateway: { CRASH_AT: at } }),
    ...(together ? { env: { WORKER_CONCURRENCY: '2' } } : env ? { env } : {}),
  },
  strike: async ({ world, load }) => {
    // Long enough to be handed over, where that is what is struck.
    if (env) for (let n = 0; n < 4; n++) load.submit({ kind: 'debug.sleep', payload: { ms: 3_000 } });
    if (together) {
      await world.query(`INSERT INTO longhaul.kinds (name, wake_up_size) VALUES ('debug.sleep', 64) ON CONFLICT (name) DO UPDATE SET wake_up_size = 64`);
      const submitTogether = () => {
        for (let n = 0; n < 20; n++) load.submit({ kind: 'debug.sleep', payload: { ms: 1_500 } });
      };
      // The first of them makes the gateways read the size.
      submitTogether();
      await delay(1_500);
      submitTogether();
    }
    await waitFor(`the crash point ${at} to be reached`, () => world.deaths > 0, { timeoutMs: 40_000 });
    world.struck();
  },
}));
