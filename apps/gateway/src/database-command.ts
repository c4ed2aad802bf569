import { userInfo } from 'node:os';
import { ALL_TENANTS, Refusal, uuidv7 } from '@app/core';
import { failStart, type Store } from '@app/host';
import { loadEnvironmentFile } from '@app/host/processes';
import { A_REASON, isReason } from './rights/reasons.js';

/** A wrong command line: exit code 2. */
export class Misused extends Error {}

/** As the audit has it. */
export interface Reason {
  reason?: string;
}

/**
 * Runs a command that works on the database and not on a gateway. What the command line asks comes as one JSON argument from the CLI. What it prints on standard
 * output is for programs; the rest goes to standard error. `exitCode`: of errors that are one line and no fault of the command line.
 */
export function runCommand(perform: (asked: never) => Promise<void>, exitCode: (error: unknown) => number | undefined = () => undefined): void {
  loadEnvironmentFile();
  perform(JSON.parse(process.argv[2] ?? '{"operands":[],"values":{}}') as never).catch((error: unknown) => {
    const code = error instanceof Misused || error instanceof Refusal ? 2 : exitCode(error);
    if (code === undefined || !(error instanceof Error)) return failStart(error);
    process.stderr.write(`longhaul: ${error.message}\n`);
    if (error instanceof Refusal) for (const { pointer, detail } of error.faults) process.stderr.write(`  ${pointer} ${detail}\n`);
    process.exitCode = code;
  });
}

/** What `--reason` says, by the rule of the API. Throws {@link Misused}. */
export function readReason(given = ''): Reason {
  const reason = given.trim();
  if (reason !== '' && !isReason(reason)) throw new Misused(`expected --reason to be ${A_REASON}`);
  return reason === '' ? {} : { reason };
}

/** Who acts, as the audit has it. */
export function by(): string {
  return `cli:${userInfo().username}`;
}

export async function audit(store: Store, action: string, target: string, detail: Record<string, unknown>): Promise<void> {
  await store.audit.add({ id: uuidv7(), tenant: ALL_TENANTS, subject: by(), via: 'cli', action, target, outcome: 200, ip: 'local', detail });
}

/** With its heads as the first row. */
export function printTable(all: string[][]): void {
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  for (const row of all)
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
}
