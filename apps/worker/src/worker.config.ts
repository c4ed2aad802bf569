import { Environment, listensWith, type PairFiles, rightsConfig, type RuntimeConfig, runtimeConfig } from '@app/host';

export interface WorkerConfig extends RuntimeConfig {
  /** The port of health checks and metrics. */
  workerPort: number;
  /** The certificate of this port; null without TLS. */
  tls: PairFiles | null;
}

export function workerConfig(values: NodeJS.ProcessEnv): WorkerConfig {
  const env = new Environment(values);
  const runtime = runtimeConfig(env);
  // A worker's port has no rights of its own, for it shows figures only. It opens to others where the gateway's would.
  rightsConfig(env, runtime.host);
  return Object.freeze({ ...runtime, workerPort: env.integer('WORKER_PORT', 0, 65_535, 3_001), tls: listensWith(env) });
}
