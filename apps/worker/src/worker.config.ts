import { Environment, type RuntimeConfig, runtimeConfig } from '@app/host';

export interface WorkerConfig extends RuntimeConfig {
  /** The port of health checks and metrics. */
  workerPort: number;
}

export function workerConfig(values: NodeJS.ProcessEnv): WorkerConfig {
  const env = new Environment(values);
  return Object.freeze({ ...runtimeConfig(env), workerPort: env.integer('WORKER_PORT', 0, 65_535, 3_001) });
}
