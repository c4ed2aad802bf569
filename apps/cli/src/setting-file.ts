import { readFile, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { ProblemError, writeJson } from '@app/client';
import { isNoName } from './arguments.js';
import { readExactly, utf8 } from './json-text.js';
import { counted } from './table.js';
import type { Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';

export type Became = 'created' | 'changed' | 'unchanged';

/** What such a file holds, that people keep beside their code: `{"schedules": {"<id>": {…}}}`. */
export interface Settings<Setting> {
  /** The member of the file, and the command. */
  of: 'schedules' | 'limits';
  one: string;
  key: 'id' | 'name';
  /** Sets one, or says what setting it would do. */
  set: (name: string, setting: Setting, dryRun: boolean) => Promise<Became>;
}

/** To a file, or to stdout where none is named. */
export async function exportSettings(
  { of, one }: Pick<Settings<unknown>, 'of' | 'one'>,
  settings: object,
  file: string,
  { terminal, json }: Tools,
): Promise<number> {
  const text = `${writeJson({ [of]: settings }, 2)}\n`;
  const count = Object.keys(settings).length;
  if (file === '') terminal.print(text.trimEnd());
  else {
    await writeFile(file, text);
    if (json) terminal.json({ exported: count, file });
    else terminal.print(`wrote ${counted(count, one)} to ${file}`);
  }
  return EXIT.ok;
}

/** Sets each of a file. Those that the file does not name stay. Exit code 4 when some were refused; the others are set. */
export async function importSettings<Setting>(
  settings: Settings<Setting>,
  file: string,
  dryRun: boolean,
  { terminal, json, stdin }: Pick<Tools, 'terminal' | 'json' | 'stdin'>,
): Promise<number> {
  const { of, one, key, set } = settings;
  const refused: { name: string; detail: string }[] = [];
  const done: { name: string; became: Became }[] = [];
  for (const [name, setting] of Object.entries(await read<Setting>(settings, file, stdin))) {
    if (isNoName(name)) {
      refused.push({ name, detail: `${JSON.stringify(name)} is no ${key} of a ${one}` });
      continue;
    }
    try {
      done.push({ name, became: await set(name, setting, dryRun) });
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status >= 500) throw error;
      refused.push({ name, detail: [error.message, ...error.errors.map(({ pointer, detail }) => `${pointer} ${detail}`)].join('; ') });
    }
  }
  const named = <Entry extends { name: string }>({ name, ...others }: Entry) => ({ [key]: name, ...others });
  if (json) terminal.json({ [of]: done.map(named), refused: refused.map(named), dryRun });
  else {
    for (const { name, became } of done) terminal.print(`${dryRun && became !== 'unchanged' ? 'would be ' : ''}${became} ${name}`);
    for (const { name, detail } of refused) terminal.say(`${dryRun ? 'would be ' : ''}refused ${name}: ${detail}`);
  }
  return refused.length > 0 ? EXIT.refused : EXIT.ok;
}

async function read<Setting>({ of, key }: Settings<Setting>, file: string, stdin: NodeJS.ReadableStream): Promise<Record<string, Setting>> {
  const bytes = await (file === '-' ? buffer(stdin) : readFile(file)).catch(() => {
    throw new UsageError(`expected a file ${file} that can be read, got none`);
  });
  const written = (readExactly(utf8(bytes, file), file) as Record<string, unknown> | null)?.[of];
  if (typeof written === 'object' && written !== null && !Array.isArray(written) && Object.keys(written).length > 0) return written as Record<string, Setting>;
  throw new UsageError(`expected ${file} to have {"${of}": {"<${key}>": {…}}}, as longhaul ${of} export writes it`);
}
