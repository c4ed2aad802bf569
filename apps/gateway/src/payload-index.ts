import 'reflect-metadata';
import { got, KIND_PATTERN } from '@app/core';
import { createLogger, Environment, runtimeConfig, Store } from '@app/host';
import { type PayloadIndex, PayloadIndexBusy, PayloadIndexes } from '@app/postgres';
import { audit, Misused, printTable, readReason, type Reason, runCommand } from './database-command.js';

/**
 * `longhaul payload-index`: switches the index of payloads on and off, kind by kind. It works on the database, because that takes as long as the table is large, and the
 * right to make an index is that of whoever owns the table.
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

async function perform({ operands: [command, kind], values }: Asked): Promise<void> {
  if (values.help === true) return void process.stdout.write(USAGE);
  if (command !== 'list' && command !== 'create' && command !== 'drop')
    throw new Misused(`expected payload-index list, create <kind> or drop <kind>, got: payload-index ${command ?? ''}`.trimEnd());
  const reason = readReason(values.reason);
  const named = command === 'list' ? undefined : readKind(command, kind);
  const config = runtimeConfig(new Environment(process.env));
  if (named?.command === 'create' && config.jobData.seals(named.kind))
    throw new Misused(`expected a kind whose payloads can be read in the database, got: ${named.kind}, whose payloads are encrypted (ENCRYPT_PAYLOADS)`);
  const indexes = new PayloadIndexes(config.databaseUrl, config.schema);
  // It says in one line what is wrong with the database, and it has the audit.
  const store = await Store.open(config, 'longhaul payload-index', createLogger('payload-index', 'fatal'), { patienceMs: 5_000 });
  try {
    if (named === undefined) list(await indexes.list(), values.json === true);
    else await change(store, indexes, named, reason, values.json === true);
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

async function change(store: Store, indexes: PayloadIndexes, { command, kind }: Change, reason: Reason, json: boolean): Promise<void> {
  const { items } = await store.jobs.list({ kinds: [kind], limit: 1 });
  if (command === 'create' && items.length === 0) process.stderr.write(`there is no job of ${kind} yet\n`);
  const changed = await indexes[command](kind);
  if (changed) await audit(store, `${command}PayloadIndex`, `/kinds/${kind}/payload-index`, { ...reason });
  const [did, was] = { create: ['made', 'is there already'], drop: ['dropped', 'is not there'] }[command];
  if (json) process.stdout.write(`${JSON.stringify({ kind, changed })}\n`);
  else process.stderr.write(changed ? `${did} the index of the payloads of ${kind}\n` : `the index of the payloads of ${kind} ${was}\n`);
}

function list(items: PayloadIndex[], json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify({ items })}\n`);
  if (items.length === 0) return void process.stderr.write('no kind has an index of its payloads; longhaul payload-index create <kind> makes one\n');
  printTable([
    ['KIND', 'SIZE', 'STATE'],
    ...items.map(({ kind, bytes, state, percent }) => [kind, `${(bytes / 1_000_000).toFixed(1)} MB`, wordsOf(state, percent)]),
  ]);
}

function wordsOf(state: PayloadIndex['state'], percent: number | null): string {
  if (state === 'building') return `is being made${percent === null ? '' : `, ${percent} %`}`;
  return state === 'ready' ? 'ready' : 'unfinished: searches do without it; make it again, or drop it';
}

runCommand(perform, (error) => (error instanceof PayloadIndexBusy ? 4 : undefined));
