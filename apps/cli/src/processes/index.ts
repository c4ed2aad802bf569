import { dev } from './dev.js';
import { doctor } from './doctor.js';
import { gateway } from './gateway.js';
import { keys } from './keys.js';
import { migrate } from './migrate.js';
import { payloadIndex } from './payload-index.js';
import type { ProcessCommand } from './process-command.js';
import { rotateSecrets, webhookSecret } from './secrets.js';
import { start } from './start.js';
import { worker } from './worker.js';

/** The commands in the order of `--help`. */
export const PROCESS_COMMANDS: readonly ProcessCommand[] = [start, dev, gateway, worker, migrate, keys, webhookSecret, rotateSecrets, payloadIndex, doctor];
