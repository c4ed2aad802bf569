import type { ProcessCommand } from './process-command.js';
import { project } from './project.js';

export const gateway: ProcessCommand = {
  name: 'gateway',
  summary: 'Run a gateway, with the jobs of dist/longhaul.config.js.',
  run: async () => (await project()).run('gateway'),
};
