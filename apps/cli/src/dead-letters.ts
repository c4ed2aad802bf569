import { type DeadLetterDetail, type DeadLetterView, type LetterGroup, type LetterNote, writeJson } from '@app/client';
import { deadLetters as chosen, type Invocation, numeric } from './arguments.js';
import { COMMANDS } from './commands.js';
import { readPayload } from './payload.js';
import { aligned, counted } from './table.js';
import { given, type Tools } from './tools.js';
import { follow } from './watch.js';
import { EXIT, UsageError } from './usage.js';
import { refuseWhose, whose } from './whose.js';

const ACTIONS = COMMANDS['dead-letters'].actions;
type Action = (typeof ACTIONS)[number];
/** Of a text in a column. */
const SHOWN = 60;

/** `dead-letters`, `dead-letters groups|list|show|redrive|discard`. What a value may be is said by the gateway. */
export async function deadLetters({ operands, values }: Pick<Invocation, 'operands' | 'values'>, tools: Tools): Promise<number> {
  const { longhaul, terminal, json, signal } = tools;
  const [action = 'groups', id] = operands;
  if (!isAction(action)) throw new UsageError(`expected dead-letters, or dead-letters ${ACTIONS.join('|')}, got: dead-letters ${action}`);
  const tell = (answer: unknown, lines: () => string[]): number => {
    if (json) terminal.json(answer);
    else for (const line of lines()) terminal.print(line);
    return EXIT.ok;
  };
  refuseWhose('dead-letters', action, values, ['groups', 'list']);
  const filter = { ...conditionsOf(values), ...whose(values) };
  switch (action) {
    case 'groups': {
      if (id !== undefined) throw new UsageError(`expected nothing more, got: ${id}; the letters of a group: longhaul dead-letters list --group ${id}`);
      if (filter.group !== undefined) throw new UsageError(`expected no --group, got one; its letters: longhaul dead-letters list --group ${filter.group}`);
      const found = await longhaul.deadLetters.groups({ ...filter, ...limitOf(values) }, { signal });
      return tell(found, () => (found.items.length === 0 ? ['no dead letters'] : groupTable(found.items)));
    }
    case 'list': {
      const { cursor } = values as { cursor?: string };
      const page = await longhaul.deadLetters.list({ ...filter, ...limitOf(values), ...(cursor === undefined ? {} : { cursor }) }, { signal });
      if (!json && page.nextCursor !== null) terminal.say(`there are more: --cursor ${page.nextCursor}`);
      return tell(page, () => (page.items.length === 0 ? ['no dead letters'] : letterTable(page.items)));
    }
    case 'show': {
      const letter = await longhaul.deadLetters.get(idOf(id, action), { signal });
      return tell(letter, () => detailLines(letter));
    }
    case 'redrive':
      return redrive(id, values, tools, tell);
    case 'discard':
      return discard(id, values, tools, tell);
  }
}

type Tell = (answer: unknown, lines: () => string[]) => number;

/** Exit code 4 when some of many could not be put back. */
async function redrive(id: string | undefined, values: Invocation['values'], tools: Tools, tell: Tell): Promise<number> {
  const { longhaul, terminal, signal, stdin } = tools;
  const choice = choiceOr(id, values, 'redrive');
  if (choice === undefined) {
    const { payload } = values as { payload?: string };
    const edits = { ...(payload === undefined ? {} : { payload: (await readPayload(payload, stdin)) as never }), ...noteOf(values) };
    const redriven = await longhaul.deadLetters.redrive(idOf(id, 'redrive'), edits, { signal });
    return tell(redriven, () => [`put back as job ${redriven.jobId}`]);
  }
  if (values['payload'] !== undefined) throw new UsageError('expected --payload with the id of one letter, got it with a choice of many');
  if (values['dry-run'] === true) return count(await longhaul.countDeadLetters(choice, { signal }), tell);
  if (values['rate'] !== undefined) return follow(await longhaul.deadLetters.redriveMany(choice, byJob(values, signal)), tools);
  const noted = { ...choice, note: noteOf(values) };
  const result = await longhaul.redriveDeadLetters(noted, { signal });
  tell(result, () => [`put back ${result.redriven} dead letters`]);
  for (const { id: refused, detail } of result.refused) terminal.say(`  ${refused} stays: ${detail}`);
  return result.refused.length === 0 ? EXIT.ok : EXIT.refused;
}

async function discard(id: string | undefined, values: Invocation['values'], tools: Tools, tell: Tell): Promise<number> {
  const { longhaul, signal } = tools;
  const choice = choiceOr(id, values, 'discard');
  const note = noteOf(values);
  if (choice === undefined) {
    const letter = await longhaul.deadLetters.discard(idOf(id, 'discard'), note, { signal });
    return tell(letter, () => [`put away ${letter.id}`]);
  }
  if (values['dry-run'] === true) return count(await longhaul.countDeadLetters(choice, { signal }), tell);
  if (values['rate'] !== undefined) return follow(await longhaul.deadLetters.discardMany(choice, byJob(values, signal)), tools);
  const result = await longhaul.deadLetters.discardAll(choice, note, { signal });
  return tell(result, () => [`put away ${result.discarded} dead letters`]);
}

function byJob(values: Invocation['values'], signal: AbortSignal): { rate: number; note: LetterNote; signal: AbortSignal } {
  return { rate: numeric(values, 'rate') as number, note: noteOf(values), signal };
}

/** Of letters the reason of an act is their note: they have a reason of their own. */
function noteOf(values: Invocation['values']): LetterNote {
  const { note: reason, by } = values as Record<string, string | undefined>;
  return given({ reason, by });
}

function count(matching: number, tell: Tell): number {
  return tell({ matching }, () => [`${counted(matching, 'dead letter matches', 'dead letters match')}; nothing was changed`]);
}

/** The choice of many, or undefined for the one of the id. */
function choiceOr(id: string | undefined, values: Invocation['values'], action: Action): ReturnType<typeof chosen> {
  const choice = chosen(values);
  if (choice !== undefined && id !== undefined) throw new UsageError("expected a dead letter's id or a choice of dead letters, got both");
  if (choice === undefined && values['dry-run'] === true)
    throw new UsageError(
      `expected a choice for --dry-run, by --group, --reason, --kind, --queue, --source, or --all: longhaul dead-letters ${action} --group <group> --dry-run`,
    );
  return choice;
}

function idOf(id: string | undefined, action: Action): string {
  const many = action === 'show' ? '' : ', or dead letters by --group, --reason, --kind, --queue, --source, or --all';
  if (id === undefined) throw new UsageError(`expected the id of a dead letter${many}: longhaul dead-letters ${action} <id>`);
  return id;
}

function isAction(text: string): text is Action {
  return (ACTIONS as readonly string[]).includes(text);
}

function conditionsOf(values: Invocation['values']): { reason?: string; kind?: string; queue?: string; source?: 'job' | 'message'; group?: string } {
  const { reason, kind, queue, source, group } = values;
  return Object.fromEntries(Object.entries({ reason, kind, queue, source, group }).filter(([, value]) => value !== undefined));
}

function limitOf(values: Invocation['values']): { limit?: number } {
  const limit = numeric(values, 'limit');
  return limit === undefined ? {} : { limit };
}

function groupTable(items: LetterGroup[]): string[] {
  const rows = items.map(({ group, letters, kinds, producer, reason, frame, lastSeenAt, detail, acknowledged }) => [
    group,
    String(letters),
    kinds.length > 1 ? `${kinds[0]} and others` : (kinds[0] ?? '-'),
    reason,
    frame ?? producer ?? '-',
    lastSeenAt,
    short(acknowledged ? `${detail} (known${acknowledged.by === null ? '' : ` by ${acknowledged.by}`})` : detail),
  ]);
  return aligned([['GROUP', 'LETTERS', 'KIND', 'REASON', 'WHERE', 'LAST', 'TEXT'], ...rows].map(printable));
}

function letterTable(items: DeadLetterView[]): string[] {
  const rows = items.map(({ id, source, kind, reason, lastSeenAt, detail }) => [id, source, kind ?? '-', reason, lastSeenAt, short(detail)]);
  return aligned([['ID', 'OF A', 'KIND', 'REASON', 'LAST', 'TEXT'], ...rows].map(printable));
}

function detailLines(letter: DeadLetterDetail): string[] {
  const { id, source, kind, queue, reason, detail, group, jobId, messageId, producer, error, frame, occurrences, lastSeenAt, body, headers, properties } =
    letter;
  const facts: [string, unknown][] = [
    ['id', id],
    ['of a', source],
    ['kind', kind],
    ['queue', queue],
    ['reason', reason],
    ['text', short(detail, 500)],
    ['group', group],
    ['job', jobId],
    ['error', error],
    ['frame', frame],
    ['message id', messageId],
    ['producer', producer],
    ['came', occurrences === 1 ? `once, ${lastSeenAt}` : `${occurrences} times, last ${lastSeenAt}`],
    ['put back', letter.redrivenAt],
    ['put away', letter.discardedAt],
    ['headers', Object.keys(headers).length === 0 ? null : writeJson(headers)],
    ['properties', properties && writeJson(properties)],
    ['payload', letter.payload === undefined ? null : writeJson(letter.payload)],
    ['body', body === null ? null : 'text' in body ? JSON.stringify(body.text) : `${body.base64} (base64: it is not UTF-8)`],
  ];
  return aligned(facts.filter(([, value]) => value !== null && value !== undefined).map(([name, value]) => printable([name, String(value)])));
}

/** Without what a terminal would obey: anybody may have sent it. */
function printable(cells: string[]): string[] {
  return cells.map((cell) => cell.replaceAll(/\p{C}/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`));
}

/** On one line. */
function short(text: string, most = SHOWN): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > most ? `${line.slice(0, most)}…` : line;
}
