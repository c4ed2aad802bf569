export { HandlersWithoutProcesses } from './handlers-without-processes.js';
export { IsolatingHandlers } from './isolating-handlers.js';
export { ProcessPool } from './process-pool.js';
export { type IsolatedParts, serveIsolated, tieToWorker } from './serve-isolated.js';
