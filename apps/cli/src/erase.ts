import { type Invocation, numeric } from './arguments.js';
import { ask, type Gateway } from './ask.js';
import { aligned, oneLine } from './table.js';
import { given, type Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';
import { watch } from './watch.js';
import { whose, whoseQuery } from './whose.js';

/** What the API says of an erasure; the generated types are the client's, which has no calls for them. */
interface Erasure {
  id: string;
  tag: string;
  state: string;
  reason: string | null;
  requestedBy: string;
  requestedAt: string;
  finishedAt: string | null;
  removed: Record<string, number>;
  jobsSha256: string | null;
  left: Record<string, number> | null;
}

interface ErasurePage {
  items: Erasure[];
  nextCursor: string | null;
}

/** It counts what is stored of every job with the tag. */
const COUNT_MS = 60_000;

/** `erase --tag <tag>`, `erase list`, `erase show <id>`. One that has not finished is exit code 1. */
export async function erase(
  { operands, values }: Pick<Invocation, 'operands' | 'values'>,
  gateway: Gateway,
  { longhaul, terminal, json, signal }: Omit<Tools, 'stdin'>,
): Promise<number> {
  const [action, id] = operands;
  const proof = async (of: string): Promise<number> => {
    const erasure = await ask<Erasure>(gateway, 'GET', `/erasures/${encodeURIComponent(of)}`, { signal });
    if (json) terminal.json(erasure);
    else for (const line of proofLines(erasure)) terminal.print(line);
    return erasure.state === 'finished' ? EXIT.ok : EXIT.jobFailed;
  };
  if (action === 'list' && id === undefined) return list(values, gateway, { terminal, json, signal });
  if (action !== undefined) {
    if (action !== 'show' || id === undefined)
      throw new UsageError(`expected erase --tag <tag>, erase list or erase show <id>, got: erase ${operands.join(' ')}`);
    return proof(id);
  }
  const { tag } = values as Record<string, string | undefined>;
  if (tag === undefined) throw new UsageError('expected the tag of the jobs to erase: longhaul erase --tag <tag>');
  const dryRun = values['dry-run'] === true;
  const keepFiles = values['keep-files'] === true ? true : undefined;
  const path = `/erasures${whoseQuery(values)}`;
  const body = given({ tag, keepFiles, rate: numeric(values, 'rate'), dryRun: dryRun || undefined });
  if (dryRun) {
    const found = await ask<Record<string, number | true>>(gateway, 'POST', path, { body, signal, answerMs: COUNT_MS });
    const counts = Object.fromEntries(Object.entries(found).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
    if (json) terminal.json(counts);
    else for (const line of countLines(counts)) terminal.print(line);
    return EXIT.ok;
  }
  const asked = await ask<Erasure>(gateway, 'POST', path, { body, signal });
  if (!json) terminal.say(`erasure ${asked.id}; longhaul erase show ${asked.id} prints its proof at any time`);
  await watch(longhaul, await longhaul.get(asked.id, { signal }), { terminal, json: false, signal });
  return proof(asked.id);
}

/** The newest first; those of `--tag` where it is given. */
async function list(values: Invocation['values'], gateway: Gateway, { terminal, json, signal }: Pick<Tools, 'terminal' | 'json' | 'signal'>): Promise<number> {
  const { tag, cursor } = values as Record<string, string | undefined>;
  const filter = given({ tag, cursor, limit: numeric(values, 'limit'), ...whose(values) });
  const query = new URLSearchParams(Object.entries(filter).map(([name, value]): [string, string] => [name, String(value)]));
  const page = await ask<ErasurePage>(gateway, 'GET', `/erasures?${query.toString()}`, { signal });
  if (json) terminal.json(page);
  else if (page.items.length === 0) terminal.say('nothing was erased');
  else {
    const rows = page.items.map((each) => [
      each.id,
      oneLine(each.tag),
      each.state,
      each.requestedAt,
      each.requestedBy,
      String(each.removed['jobs'] ?? 0),
      oneLine(each.reason ?? ''),
    ]);
    for (const line of aligned([['ID', 'TAG', 'STATE', 'REQUESTED', 'BY', 'JOBS', 'REASON'], ...rows])) terminal.print(line);
  }
  if (!json && page.nextCursor !== null) terminal.say(`there are more: --cursor ${page.nextCursor}`);
  return EXIT.ok;
}

function countLines(counts: Record<string, number>): string[] {
  return aligned(Object.entries(counts).map(([name, count]) => [name, String(count)]));
}

function proofLines({ id, tag, state, reason, requestedBy, requestedAt, finishedAt, removed, jobsSha256, left }: Erasure): string[] {
  return [
    ...aligned([
      ['erasure', id],
      ['tag', tag],
      ['state', state],
      ...(reason === null ? [] : [['reason', reason]]),
      ['requested', `${requestedAt} by ${requestedBy}`],
      ...(finishedAt === null ? [] : [['finished', finishedAt]]),
      ...(jobsSha256 === null ? [] : [['sha256 of ids', jobsSha256]]),
    ]),
    'removed',
    ...countLines(removed).map((line) => `  ${line}`),
    ...(left === null ? [] : ['left', ...countLines(left).map((line) => `  ${line}`)]),
  ];
}
