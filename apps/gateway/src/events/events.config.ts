import type { Environment } from '@app/host';
import type { StreamLimits } from './open-streams.js';

export interface EventsConfig extends StreamLimits {
  /** The limit of one WebSocket connection. */
  maxSubscriptions: number;
  /** The limit of one WebSocket connection. */
  framesPerSecond: number;
}

export function eventsConfig(env: Environment): EventsConfig {
  return {
    maxStreams: env.integer('EVENT_STREAMS', 0, 100_000, 8_000),
    heartbeatMs: env.integer('EVENT_HEARTBEAT_SECONDS', 1, 3_600, 15) * 1_000,
    stallMs: env.integer('EVENT_STALL_SECONDS', 1, 3_600, 30) * 1_000,
    maxSubscriptions: env.integer('EVENT_SUBSCRIPTIONS', 1, 100_000, 1_000),
    framesPerSecond: env.integer('SOCKET_FRAMES_PER_SECOND', 1, 1_000_000, 500),
  };
}
