import type { ProcessCommand } from './process-command.js';
import { project } from './project.js';

export const worker: ProcessCommand = {
  name: 'worker',
  summary: 'Run a worker, with the jobs of dist/longhaul.config.js.',
  run: async () => (await project()).run('worker'),
};
