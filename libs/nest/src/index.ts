export { LonghaulModule } from './longhaul.module.js';
export type { LonghaulModuleAsyncOptions, LonghaulOptions, RunOptions } from './longhaul-options.js';
