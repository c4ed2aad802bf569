import type { ProcessCommand } from './process-command.js';
import { project } from './project.js';

export const migrate: ProcessCommand = {
  name: 'migrate',
  summary: 'Bring the database of DATABASE_URL up to date.',
  run: async () => (await project()).run('gateway', 'migrate'),
};
