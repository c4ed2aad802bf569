import type { Longhaul } from '@app/client';
import type { Terminal } from './terminal.js';

/** What the commands of schedules work with. */
export interface ScheduleTools {
  longhaul: Longhaul;
  terminal: Terminal;
  json: boolean;
  signal: AbortSignal;
  stdin: NodeJS.ReadableStream;
}
