import type { Environment } from '@app/host';

/** The limits of what one process holds for all callers, and for one client. 0 switches a limit of one client off. */
export interface BoundsConfig {
  waits: number;
  waitsOfClient: number;
  streamsOfClient: number;
  connectionsOfClient: number;
  uploads: number;
  uploadsOfClient: number;
}

const MOST = 1_000_000;

export function boundsConfig(env: Environment): BoundsConfig {
  return {
    waits: env.integer('MAX_WAITS', 0, MOST, 5_000),
    waitsOfClient: env.integer('MAX_WAITS_PER_CLIENT', 0, MOST, 1_000),
    streamsOfClient: env.integer('MAX_STREAMS_PER_CLIENT', 0, MOST, 1_000),
    connectionsOfClient: env.integer('MAX_CONNECTIONS_PER_CLIENT', 0, MOST, 2_000),
    uploads: env.integer('MAX_UPLOADS', 1, MOST, 100),
    uploadsOfClient: env.integer('MAX_UPLOADS_PER_CLIENT', 0, MOST, 20),
  };
}
