import type { ProcessCommand } from './process-command.js';
import { project } from './project.js';

export const dev: ProcessCommand = {
  name: 'dev',
  summary: 'As start, and start again whenever a source of the project changes.',
  run: async () => (await project()).start({ watch: true }),
};
