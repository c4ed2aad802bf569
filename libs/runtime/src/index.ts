export { DEFAULT_AMQP_URL, DEFAULT_DATABASE_URL, type RuntimeConfig, runtimeConfig } from './config.js';
export { ConfigError, Environment } from './environment.js';
export { EventLoopDelay } from './event-loop-delay.js';
export { runProcess } from './lifecycle.js';
export { createLogger, NestLogger } from './logger.js';
export { PrometheusMetrics, type Sample } from './metrics/prometheus.js';
export { kindsOf, showBroker, showStore } from './metrics/state.js';
export { Store } from './store.js';
export { createSweeper, type HostDependencies, WorkerHost } from './worker-host.js';
