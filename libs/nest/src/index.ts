export { LonghaulModule, type LonghaulModuleAsyncOptions } from './longhaul.module.js';
export type { LonghaulOptions, RunOptions } from './longhaul-options.js';
