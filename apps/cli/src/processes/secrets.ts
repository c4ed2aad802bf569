import type { ProcessCommand } from './process-command.js';
import { project } from './project.js';

export const webhookSecret: ProcessCommand = {
  name: 'webhook-secret',
  summary: 'Print the secret that signs the webhooks of callback URLs; it is made if there is none.',
  run: async () => (await project()).run('gateway', 'webhook-secret'),
};

export const rotateSecrets: ProcessCommand = {
  name: 'rotate-secrets',
  summary:
    'Seal every stored secret, and the encrypted data of jobs, with the first key of LONGHAUL_SECRET_KEYS; --replace-lost gives webhooks whose key is lost new secrets, and prints them: --reason <text>.',
  options: { 'replace-lost': { type: 'boolean' }, reason: { type: 'string' } },
  run: async ({ 'replace-lost': replaceLost, reason }) => {
    const args = [...(replaceLost === true ? ['--replace-lost'] : []), ...(typeof reason === 'string' ? [`--reason=${reason}`] : [])];
    return (await project()).run('gateway', 'rotate-secrets', args);
  },
};
