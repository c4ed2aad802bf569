// Ring 2: .ci/run runs this file.
import { jest } from '@jest/globals';
import type { JobView } from '@app/contracts';
import { describeError } from '@app/core';
import { DebugOdd, ODD_NAMES, type OddPayload, type OddValue } from '../kinds/index.js';
import { testJob } from '@app/sdk/testing';
import { type Stack, startStack } from '../support/index.js';

jest.setTimeout(180_000);
const KINDS = ['debug.odd', 'debug.odd-isolated'] as const;
type Place = OddPayload['place'];

/** What is left of a job, wherever it ran. */
interface Left {
  result: string | null;
  error: { code: string; message: string } | null;
  lines: { message: string; fields: unknown }[];
  progress: unknown;
}

const UNHARMED: Left = { result: '"rejected"', error: null, lines: [], progress: null };

/** To be compared: the store sorts members, and the test runner compiles a function's text otherwise. */
function text(left: Left): string {
  const sorted = (_: string, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return JSON.stringify(left, sorted).replaceAll(' ', '');
}

describe('an odd value that a handler hands over', () => {
  let stack: Stack;
  let pid: number;
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: { WORKER_CONCURRENCY: '4', LEASE_SECONDS: '30', PUBLIC_URL: 'https://jobs.example.org/below' } });
    pid = stack.gateway.pid;
  });
  afterAll(() => stack.stop());

  async function ranAs(kind: string, payload: OddPayload): Promise<Left> {
    const answer = await fetch(`${stack.gateway.url}/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'wait=60' },
      body: JSON.stringify({ kind, payload }),
    });
    const text = await answer.text();
    const job = JSON.parse(text) as JobView;
    if (!['succeeded', 'failed'].includes(job.state)) throw new Error(`expected an end of ${kind} ${JSON.stringify(payload)}, got: ${text.slice(0, 500)}`);
    const events = await (await fetch(`${stack.gateway.url}/jobs/${job.id}/events`)).text();
    const lines = [...events.matchAll(/^event: ?log\n(?:id: ?.*\n)?data: ?(.*)$/gm)].map(([, data = '']) => {
      const { message, fields } = JSON.parse(data) as { message: string; fields: unknown };
      return { message, fields };
    });
    const { code = '', message = '' } = (job.error ?? {}) as Partial<Record<string, string>>;
    const progress = job.progress ? { done: job.progress.done, total: job.progress.total, message: job.progress.message } : null;
    const result = /"result":(.*),"error":/s.exec(text)?.[1] ?? null;
    return { result, error: job.error ? { code, message } : null, lines, progress };
  }

  async function ranInTest(payload: OddPayload): Promise<Left> {
    const test = testJob(DebugOdd);
    try {
      const { resultText, logs, progress } = await test.run(payload);
      const last = progress.at(-1);
      return { result: resultText, error: null, lines: logs, progress: last ? { done: last.done, total: last.total, message: last.message } : null };
    } catch (thrown) {
      const { name, message } = describeError(thrown);
      const code = name === 'NonRetryableError' ? (thrown as { code: string }).code : 'handler_error';
      return { result: 'null', error: { code, message }, lines: [], progress: null };
    }
  }

  async function differences(place: Place, values: readonly OddValue[]): Promise<string[]> {
    const found: string[] = [];
    const left = [...values];
    const look = async () => {
      for (let value = left.shift(); value !== undefined; value = left.shift()) {
        // A rejection that nobody handles is the test runner's, where there is no worker.
        const expected = text(place === 'reject later' ? UNHARMED : await ranInTest({ place, value }));
        for (const kind of KINDS) {
          const got = text(await ranAs(kind, { place, value }));
          if (got !== expected) found.push(`${kind} ${place} ${value}: ${got.slice(0, 600)} and not ${expected.slice(0, 600)}`);
        }
      }
    };
    await Promise.all([look(), look(), look(), look()]);
    return found;
  }

  const promises: [Place, string][] = [
    ['result', 'a result is stored, or refused, the same in a worker, in a process of its own and in testJob (C11)'],
    ['step', "a step's result comes back, or is refused, the same in a worker, in a process of its own and in testJob (C6)"],
    ['log', 'lines are kept the same from a worker, from a process of its own and in testJob (C9)'],
    ['progress', 'progress is kept the same from a worker, from a process of its own and in testJob (C9)'],
    ['throw', 'a thrown value is described the same by a worker, a process of its own and testJob (C10)'],
    ['reject later', 'a rejection that nobody handles fails no job and ends no process (C10)'],
  ];
  test.each(promises)('as %s: %s', async (place) => {
    // The test runner's own promises show what it has put into them.
    expect(await differences(place, ['throw', 'log', 'progress'].includes(place) ? ODD_NAMES.filter((name) => name !== 'promise') : ODD_NAMES)).toEqual([]);
    expect([stack.gateway.isRunning(), stack.gateway.pid]).toEqual([true, pid]);
  });

  test.each(KINDS)('a link that %s makes begins with the path of PUBLIC_URL (E22)', async (kind) => {
    expect((await ranAs(kind, { place: 'link', value: 'null' })).result).toBe('{"url":"/below/files/1/content"}');
  });
});
