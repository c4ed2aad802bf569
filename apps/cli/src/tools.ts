import type { Longhaul } from '@app/client';
import type { Terminal } from './terminal.js';

/** What a command that calls a gateway works with. */
export interface Tools {
  longhaul: Longhaul;
  terminal: Terminal;
  json: boolean;
  signal: AbortSignal;
  stdin: NodeJS.ReadableStream;
}

/** The members that have a value. */
export function given<Fields extends Record<string, unknown>>(fields: Fields): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [Name in keyof Fields]?: NonNullable<Fields[Name]> };
}
