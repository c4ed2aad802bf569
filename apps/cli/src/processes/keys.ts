import type { ProcessCommand } from './process-command.js';
import { project } from './project.js';

/** It works on the database, so the first key can be made before anybody has one. */
export const keys: ProcessCommand = {
  name: 'keys',
  summary: 'API keys, in the database of DATABASE_URL: keys list, create, rotate <id>, revoke <id>, generate; keys --help says more.',
  actions: ['list', 'create', 'rotate', 'revoke', 'sessions', 'revoke-session', 'generate'],
  operands: 2,
  options: {
    name: { type: 'string' },
    admin: { type: 'boolean' },
    tenant: { type: 'string' },
    'all-tenants': { type: 'boolean' },
    scope: { type: 'string', multiple: true },
    kind: { type: 'string', multiple: true },
    'requests-per-second': { type: 'string' },
    'expires-at': { type: 'string' },
    'overlap-seconds': { type: 'string' },
    reason: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async (values, operands) => (await project()).run('gateway', 'keys', [JSON.stringify({ operands, values })]),
};
