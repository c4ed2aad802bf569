import type { ProcessCommand } from './process-command.js';
import { project } from './project.js';

export const webhookSecret: ProcessCommand = {
  name: 'webhook-secret',
  summary: 'Print the secret that signs the webhooks of callback URLs; it is made if there is none.',
  run: async () => (await project()).run('gateway', 'webhook-secret'),
};

export const rotateSecrets: ProcessCommand = {
  name: 'rotate-secrets',
  summary: 'Seal every stored secret, and the encrypted data of jobs, with the first key of LONGHAUL_SECRET_KEYS.',
  run: async () => (await project()).run('gateway', 'rotate-secrets'),
};
