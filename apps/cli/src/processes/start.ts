import type { ProcessCommand } from './process-command.js';
import { project } from './project.js';

export const start: ProcessCommand = {
  name: 'start',
  summary: 'Start everything: PostgreSQL and RabbitMQ (found, or brought up), migrations, gateway, worker.',
  run: async () => (await project()).start({ watch: false }),
};
