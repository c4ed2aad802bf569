import type { Stack } from './stack.js';

/** The tables of an installation in which the text stands, in any form in which a dump would show it. */
export async function tablesWith(stack: Pick<Stack, 'query'>, text: string): Promise<string[]> {
  const tables = await stack.query<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE relnamespace = 'longhaul'::regnamespace AND relkind = 'r'`);
  const forms = [text, Buffer.from(text).toString('hex'), Buffer.from(text).toString('base64').slice(0, -4)].map((form) => `%${form}%`);
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await stack.query<{ found: boolean }>(`SELECT EXISTS (SELECT FROM longhaul.${name} t WHERE to_jsonb(t)::text LIKE ANY ($1)) AS found`, [
      forms,
    ]);
    if (row?.found) found.push(name);
  }
  return found;
}
