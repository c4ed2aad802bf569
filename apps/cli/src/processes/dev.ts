import type { ProcessCommand } from './process-command.js';
import { project } from './project.js';

export const dev: ProcessCommand = {
  name: 'dev',
  summary: 'As start, and start again after each change of a source.',
  run: async () => (await project()).start({ watch: true }),
};
