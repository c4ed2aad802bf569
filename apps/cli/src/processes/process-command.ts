import type { ParseArgsConfig } from 'node:util';

/** A command that starts processes of Longhaul instead of speaking to a running one. */
export interface ProcessCommand {
  name: string;
  summary: string;
  options?: NonNullable<ParseArgsConfig['options']>;
  /** What it does, by its first argument. */
  actions?: readonly string[];
  /** How many arguments it takes beside its options; none unless given. */
  operands?: number;
  /** Resolves with the exit code. */
  run(values: Record<string, unknown>, operands: string[]): Promise<number>;
}
