import type { Invocation } from './arguments.js';
import { ask, type Gateway } from './ask.js';
import { given, type Tools } from './tools.js';
import { EXIT } from './usage.js';

interface Link {
  statusUrl: string;
  shows: string[];
  expiresAt: string;
}

/** `link <id>`: prints a link for somebody who waits and has no key, and nothing else. */
export async function link(
  { operands, values }: Pick<Invocation, 'operands' | 'values'>,
  gateway: Gateway,
  { terminal, json, signal }: Pick<Tools, 'terminal' | 'json' | 'signal'>,
): Promise<number> {
  const { title, timezone, until } = values as Record<string, string | undefined>;
  const body = given({ title, shows: values['shows'] as string[] | undefined, expiresAt: until, timezone });
  const made = await ask<Link>(gateway, 'POST', `/jobs/${encodeURIComponent(operands[0] ?? '')}/links`, { body, signal });
  // Without PUBLIC_URL the gateway does not know where others reach it: here it was reached.
  const statusUrl = new URL(made.statusUrl, gateway.url).href;
  if (json) {
    terminal.json({ ...made, statusUrl });
    return EXIT.ok;
  }
  terminal.print(statusUrl);
  const allowed = made.shows.length === 0 ? 'nothing can be downloaded there' : `${made.shows.join(' and ')} can be downloaded there`;
  terminal.say(`whoever has it sees how the job stands until ${made.expiresAt}; ${allowed}`);
  return EXIT.ok;
}
