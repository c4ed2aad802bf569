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

/** Members that have a value. */
export function given<T extends object>(members: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}
