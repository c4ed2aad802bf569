import type { ProcessCommand } from './process-command.js';
import { project } from './project.js';

/** It works on the database: an index takes as long as the table is large, and only the owner of the table may make one. */
export const payloadIndex: ProcessCommand = {
  name: 'payload-index',
  summary: 'The kinds whose jobs are found by their payload through an index: payload-index list, create <kind>, drop <kind>; --help says more.',
  actions: ['list', 'create', 'drop'],
  operands: 2,
  options: { reason: { type: 'string' }, json: { type: 'boolean' } },
  run: async (values, operands) => (await project()).run('gateway', 'payload-index', [JSON.stringify({ operands, values })]),
};
