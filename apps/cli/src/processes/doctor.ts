import type { ProcessCommand } from './process-command.js';
import { project } from './project.js';

export const doctor: ProcessCommand = {
  name: 'doctor',
  summary: 'Check settings, jobs, database and broker, and say what to do; --json for programs.',
  options: { json: { type: 'boolean' } },
  run: async ({ json }) => (await project()).run('gateway', 'doctor', json === true ? ['--json'] : []),
};
