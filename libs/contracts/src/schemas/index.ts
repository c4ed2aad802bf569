// The wire as classes. They are a second entry because @nestjs/swagger takes half a second and 50 MB to load, and no worker needs it.
export { ANY_JSON } from './fields.js';
export * from './bulk.js';
export * from './cancellation.js';
export * from './dead-letter.js';
export * from './entrance.js';
export * from './event.js';
export * from './file.js';
export * from './health.js';
export * from './job.js';
export * from './kind.js';
export * from './limit.js';
export * from './problem.js';
export * from './queue.js';
export * from './rights.js';
export * from './schedule.js';
export * from './webhook.js';
export * from './why.js';
export * from './worker.js';
