import 'reflect-metadata';
import { userInfo } from 'node:os';
import { ALL_TENANTS, got, KIND_PATTERN, Refusal, uuidv7 } from '@app/core';
import { createLogger, Environment, failStart, runtimeConfig, Store } from '@app/host';
import { loadEnvironmentFile } from '@app/host/processes';
import { type PayloadIndex, PayloadIndexBusy, PayloadIndexes } from '@app/postgres';
import { A_REASON, isReason } from './rights/reasons.js';

/**
 * `longhaul payload-index`: switches the index of payloads on and off, kind by kind. It works on the database, because that takes as long as the table is large, and the
 * right to make an index is that of whoever owns the table. What the command line asks comes as one JSON argument from the CLI.
 */
interface Asked {
  operands: string[];
  values: { reason?: string; json?: boolean; help?: boolean };
}

const USAGE = `Usage: longhaul payload-index <command>

  list            The kinds with an index of their payloads, how large it is, and whether searches use it.
  create <kind>   Make one, beside submissions, which go on. An index that was left unfinished is made again.
  drop <kind>     Drop it. Searches by payload look through the jobs of the kind again.

  --reason <text> Why, for the audit.
  --json          Print JSON.
`;

/** A wrong command line: exit code 2. */
class Misused extends Error {}

async function perform({ operands: [command, kind], values }: Asked): Promise<void> {
  if (values.help === true) return void process.stdout.write(USAGE);
  if (command !== 'list' && command !== 'create' && command !== 'drop')
    throw new Misused(`expected payload-index list, create <kind> or drop <kind>, got: payload-index ${command ?? ''}`.trimEnd());
  const reason = values.reason?.trim() ?? '';
  if (reason !== '' && !isReason(reason)) throw new Misused(`expected --reason to be ${A_REASON}`);
  const named = command === 'list' ? undefined : readKind(command, kind);
  const config = runtimeConfig(new Environment(process.env));
  const indexes = new PayloadIndexes(config.databaseUrl, config.schema);
  // It says in one line what is wrong with the database, and it has the audit.
  const store = await Store.open(config, 'longhaul payload-index', createLogger('payload-index', 'fatal'), { patienceMs: 5_000 });
  try {
    if (named === undefined) list(await indexes.list(), values.json === true);
    else await change(store, indexes, named, { ...values, reason });
  } finally {
    await store.close();
  }
}

function readKind(command: 'create' | 'drop', kind = ''): Change {
  if (!KIND_PATTERN.test(kind)) throw new Misused(`expected a kind: longhaul payload-index ${command} <kind>${kind === '' ? '' : got(kind)}`);
  return { command, kind };
}

interface Change {
  command: 'create' | 'drop';
  kind: string;
}

async function change(store: Store, indexes: PayloadIndexes, { command, kind }: Change, { reason, json }: { reason: string; json?: boolean }): Promise<void> {
  const { items } = await store.jobs.list({ kinds: [kind], limit: 1 });
  if (command === 'create' && items.length === 0) process.stderr.write(`there is no job of ${kind} yet\n`);
  const changed = await indexes[command](kind);
  if (changed) await audit(store, `${command}PayloadIndex`, kind, reason === '' ? {} : { reason });
  const [did, was] = { create: ['made', 'is there already'], drop: ['dropped', 'is not there'] }[command];
  if (json === true) process.stdout.write(`${JSON.stringify({ kind, changed })}\n`);
  else process.stderr.write(changed ? `${did} the index of the payloads of ${kind}\n` : `the index of the payloads of ${kind} ${was}\n`);
}

function list(items: PayloadIndex[], json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify({ items })}\n`);
  if (items.length === 0) return void process.stderr.write('no kind has an index of its payloads; longhaul payload-index create <kind> makes one\n');
  const width = Math.max(4, ...items.map(({ kind }) => kind.length));
  process.stdout.write(`${'KIND'.padEnd(width)}  SIZE      STATE\n`);
  for (const { kind, bytes, state, percent } of items)
    process.stdout.write(`${kind.padEnd(width)}  ${`${(bytes / 1_000_000).toFixed(1)} MB`.padEnd(8)}  ${wordsOf(state, percent)}\n`);
}

function wordsOf(state: PayloadIndex['state'], percent: number | null): string {
  if (state === 'building') return `is being made${percent === null ? '' : `, ${percent} %`}`;
  return state === 'ready' ? 'ready' : 'unfinished: searches do without it; make it again, or drop it';
}

async function audit(store: Store, action: string, kind: string, detail: { reason?: string }): Promise<void> {
  const by = `cli:${userInfo().username}`;
  const target = `/kinds/${kind}/payload-index`;
  await store.audit.add({ id: uuidv7(), tenant: ALL_TENANTS, subject: by, via: 'cli', action, target, outcome: 200, ip: 'local', detail });
}

loadEnvironmentFile();
perform(JSON.parse(process.argv[2] ?? '{"operands":[],"values":{}}') as Asked).catch((error: unknown) => {
  if (error instanceof PayloadIndexBusy) {
    process.stderr.write(`longhaul: ${error.message}\n`);
    process.exitCode = 4;
    return;
  }
  if (!(error instanceof Misused || error instanceof Refusal)) return failStart(error);
  process.stderr.write(`longhaul: ${error.message}\n`);
  process.exitCode = 2;
});
