export { DEFAULT_AMQP_URL, DEFAULT_DATABASE_URL, type RuntimeConfig, runtimeConfig } from './config.js';
export { ConfigError, Environment } from './environment.js';
export { runProcess } from './lifecycle.js';
export { type IsolatedParts, serveIsolated, tieToWorker } from './isolation/serve-isolated.js';
export { createLogger, NestLogger } from './logger.js';
export { Store } from './store.js';
export { createSweeper, type HostDependencies, WorkerHost } from './worker-host.js';
