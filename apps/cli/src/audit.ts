import type { AuditEntry } from '@app/client';
import { type Invocation, numeric } from './arguments.js';
import { aligned, oneLine } from './table.js';
import { given, type Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';
import { whose } from './whose.js';

/** `audit`: who has changed what, the newest first. */
export async function audit({ operands, values }: Pick<Invocation, 'operands' | 'values'>, { longhaul, terminal, json, signal }: Tools): Promise<number> {
  if (operands.length > 0) throw new UsageError(`expected nothing more, got: audit ${operands.join(' ')}; --target <path> chooses what it was done to`);
  const { subject, action, target, from, to, cursor } = values as Record<string, string | undefined>;
  const filter = { subject, action, target, from, to, cursor, limit: numeric(values, 'limit'), ...whose(values) };
  const page = await longhaul.audit(given(filter), { signal });
  if (json) terminal.json(page);
  else if (page.items.length === 0) terminal.say('nothing was changed');
  else for (const line of table(page.items)) terminal.print(line);
  if (!json && page.nextCursor !== null) terminal.say(`there are more: --cursor ${page.nextCursor}`);
  return EXIT.ok;
}

function table(items: AuditEntry[]): string[] {
  const rows = items.map(({ at, subject, via, action, target, outcome, ip, detail }) => [
    at,
    via === subject ? subject : `${subject} (${via})`,
    action,
    target,
    String(outcome),
    ip,
    typeof detail['reason'] === 'string' ? oneLine(detail['reason']) : '',
  ]);
  return aligned([['AT', 'WHO', 'ACTION', 'TARGET', 'STATUS', 'FROM', 'REASON'], ...rows]);
}
