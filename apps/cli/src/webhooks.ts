import type { Invocation } from './arguments.js';
import { ask, type Gateway } from './ask.js';
import { COMMANDS } from './commands.js';
import { aligned, oneLine } from './table.js';
import type { Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';
import { refuseWhose, whoseQuery } from './whose.js';

/** What the API says of an endpoint, and of a test of it; the generated types are the client's, which has no calls for webhooks. */
interface Endpoint {
  id: string;
  url: string;
  enabled: boolean;
  events: string[];
  kinds: string[];
  tags: string[];
}

interface Tested {
  delivered: boolean;
  attempt: { durationMs: number; url: string; status?: number; error?: string; answer?: { contentType: string; body: string } };
}

const ACTIONS = COMMANDS.webhooks.actions;
/** The longest WEBHOOK_TIMEOUT_SECONDS, and some time for the gateway itself. */
const TEST_MS = 70_000;

/** `webhooks`, `webhooks list`, `webhooks test <id>`. A test that was not delivered is exit code 1. */
export async function webhooks(
  { operands, values }: Pick<Invocation, 'operands' | 'values'>,
  gateway: Gateway,
  { terminal, json, signal }: Pick<Tools, 'terminal' | 'json' | 'signal'>,
): Promise<number> {
  const [action = 'list', id] = operands;
  if (!(ACTIONS as readonly string[]).includes(action)) throw new UsageError(`expected webhooks ${ACTIONS.join('|')}, got: webhooks ${action}`);
  refuseWhose('webhooks', action, values, ['list']);
  if (action === 'list') {
    if (id !== undefined) throw new UsageError(`expected nothing more, got: webhooks list ${id}`);
    const list = await ask<{ items: Endpoint[] }>(gateway, 'GET', `/webhooks/endpoints${whoseQuery(values)}`, { signal });
    if (json) terminal.json(list);
    else if (list.items.length === 0) terminal.say('no endpoint is told of jobs');
    else for (const line of table(list.items)) terminal.print(line);
    return EXIT.ok;
  }
  if (id === undefined) throw new UsageError('expected the id of an endpoint: longhaul webhooks test <id>; longhaul webhooks lists them');
  const tested = await ask<Tested>(gateway, 'POST', `/webhooks/endpoints/${encodeURIComponent(id)}/test`, { signal, answerMs: TEST_MS });
  if (json) terminal.json(tested);
  else for (const line of linesOf(tested)) terminal.print(line);
  return tested.delivered ? EXIT.ok : EXIT.jobFailed;
}

function table(items: readonly Endpoint[]): string[] {
  const rows = items.map(({ id, url, enabled, events, kinds, tags }) => [
    ...[id, enabled ? 'enabled' : 'disabled', events.join(', ') || 'all of jobs', kinds.join(', ') || 'all', tags.join(', ') || 'any'],
    url,
  ]);
  return aligned([['ID', 'STATE', 'EVENTS', 'KINDS', 'TAGS', 'URL'], ...rows]);
}

function linesOf({ delivered, attempt: { url, durationMs, status, error, answer } }: Tested): string[] {
  const took = `${(durationMs / 1_000).toFixed(3)} s`;
  const met = status === undefined ? 'no answer' : `answered ${status}`;
  const said = printable(answer?.body ?? '');
  return [
    `${delivered ? 'delivered' : 'not delivered'}: ${url} ${met}, after ${took}`,
    ...(error === undefined ? [] : [`  ${printable(error)}`]),
    ...(said === '' ? [] : [`  it said: ${said}`]),
  ];
}

/** As much of what the receiver has written as a line has room for. */
function printable(text: string): string {
  return oneLine(text).trim().slice(0, 500);
}
