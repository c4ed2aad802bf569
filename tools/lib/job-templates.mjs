// What `npm run new:job` writes: a job that runs and its test that passes, to be changed.

/** @param {{ kind: string, name: string, file: string }} job */
export function jobFile({ kind, name }) {
  return `import { type Handles, type JobContext, JobHandler } from '@app/sdk';
import { IsString, MaxLength } from 'class-validator';

export class ${name}Payload {
  @IsString() @MaxLength(200) subject!: string;
}

export interface ${name}Result {
  subject: string;
}

/** Say what it does, and why it is safe to repeat: an attempt may be cut off anywhere, and is then made again. */
@JobHandler({ kind: '${kind}', description: 'Say in one sentence what a caller gets.', payload: ${name}Payload })
export class ${name} implements Handles<${name}Payload, ${name}Result> {
  async run({ subject }: ${name}Payload, job: JobContext): Promise<${name}Result> {
    // Between two pieces of work: job.signal.throwIfAborted(). To what can stop by itself, fetch say: { signal: job.signal }.
    job.progress({ done: 1, total: 1 });
    return { subject };
  }
}
`;
}

/** @param {{ kind: string, name: string, file: string }} job */
export function jobSpecFile({ kind, name, file }) {
  return `import { testJob } from '@app/sdk/testing';
import { ${name} } from './${file}.job.js';

describe('${kind}', () => {
  test('gives its subject back', async () => {
    const run = await testJob(${name}).run({ subject: 'a subject' });

    expect(run.result).toEqual({ subject: 'a subject' });
    expect(run.progress.at(-1)).toEqual({ done: 1, total: 1 });
  });

  test('refuses a payload without a subject', async () => {
    await expect(testJob(${name}).run({})).rejects.toThrow('subject');
  });
});
`;
}

/**
 * The catalogue with one more job: its import, its place in the list, and its export if the others are exported.
 * Null when the file does not look as expected.
 * @param {string} source @param {{ kind: string, name: string, file: string }} job
 */
export function withCatalogueLine(source, { kind, name, file }) {
  const list = /^export const kinds = \{\n?((?: {2}.*\n)*)(?=\} as const)/m;
  if (!list.test(source)) return null;
  const withList = source.replace(list, (_, items) => `export const kinds = {\n${items}  '${kind}': ${name},\n`);
  const withImport = afterLast(withList, /^import .*\.job\.js';$/gm, `import { ${name} } from './${file}.job.js';`);
  return afterLast(withImport, /^export \* from '.*\.job\.js';$/gm, `export * from './${file}.job.js';`, '');
}

/** @param {string} source @param {RegExp} pattern @param {string} line @param {string} [otherwise] */
function afterLast(source, pattern, line, otherwise = `${line}\n\n`) {
  const last = [...source.matchAll(pattern)].at(-1);
  if (!last) return otherwise + source;
  const end = last.index + last[0].length;
  return `${source.slice(0, end)}\n${line}${source.slice(end)}`;
}
