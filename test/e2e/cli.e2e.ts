// Ring 2: .ci/run runs this file.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { JobView } from '@app/contracts';
import { freePort, type Stack, startStack, testIf, webhookReceiver } from '../support/index.js';

const CLI = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

describe('the command line', () => {
  let stack: Stack;
  let folder: string;
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: { QUEUES: 'cli', WEBHOOK_ALLOW_HOSTS: '127.0.0.1' } });
    folder = await mkdtemp(join(tmpdir(), 'longhaul-cli-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await stack.stop();
  });

  async function longhaul(args: string[], { stdin = '', url = stack.gateway.url }: { stdin?: string; url?: string } = {}) {
    const child = spawn(process.execPath, [CLI, ...args], { env: { PATH: process.env['PATH'], LONGHAUL_URL: url } });
    child.stdin.end(stdin);
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await code, out, err };
  }

  const json = async (args: string[]) => JSON.parse((await longhaul([...args, '--json'])).out) as JobView;

  test('submit prints the id of the job, and get shows it', async () => {
    const { code, out } = await longhaul([
      'submit',
      'debug.echo',
      '{"value":1}',
      '--queue',
      'cli',
      '--tag',
      'a',
      '--tag',
      'b',
      '--priority',
      '7',
      '--flow-key',
      'acme',
    ]);
    expect(code).toBe(0);
    const id = out.trim();
    await stack.api.waitForState(id, 'succeeded');
    expect(await json(['get', id])).toMatchObject({ id, queue: 'cli', tags: ['a', 'b'], flowKey: 'acme', result: { value: 1 } });
    const shown = await longhaul(['get', id]);
    expect(shown.out).toMatch(/state {5}succeeded\n/);
    expect(shown.out).not.toContain('\u001b');
  });

  test('submit --dry-run says what the job would meet, and submits nothing', async () => {
    const { code, out, err } = await longhaul(['submit', 'debug.echo', '{"value":1}', '--delay', '1h', '--dry-run']);
    expect([code, err]).toEqual([0, expect.stringContaining('nothing was submitted')]);
    expect(out).toMatch(/^kind {6}debug\.echo\nqueue {5}default\npriority {2}\d\nwaits {5}it was submitted with a delay, which ends in (1 h|59 min)/);
    expect(JSON.parse((await longhaul(['submit', 'debug.echo', '{"value":1}', '--dry-run', '--json'])).out)).toMatchObject({ dryRun: true, reasons: [] });
    expect((await longhaul(['submit', 'debug.nothing', '--dry-run'])).code).toBe(4);
    expect((await longhaul(['submit', 'debug.echo', '--dry-run', '--wait'])).code).toBe(2);
  });

  test('why says for people what a job waits for, and the whole answer with --json', async () => {
    const { out: id } = await longhaul(['submit', 'debug.echo', '{"value":1}', '--delay', '1h']);
    const { code, out } = await longhaul(['why', id.trim()]);
    expect(code).toBe(0);
    expect(out).toMatch(/^state {5}scheduled\nwhy {7}it was submitted with a delay, which ends in (1 h|59 min)\nstarts {4}in /m);
    expect(JSON.parse((await longhaul(['why', id.trim(), '--json'])).out)).toMatchObject({ id: id.trim(), reasons: [{ code: 'scheduled' }] });
    expect((await longhaul(['why', '019364d2-7c1e-7a33-8f3e-0b9f6a1d2c3e'])).code).toBe(4);
  });

  test('a payload comes from a file, or from stdin', async () => {
    await writeFile(join(folder, 'payload.json'), '{"value":"from a file"}');
    const file = await longhaul(['submit', 'debug.echo', `@${join(folder, 'payload.json')}`, '--wait', '--json']);
    const piped = await longhaul(['submit', 'debug.echo', '-', '--wait', '--json'], { stdin: '{"value":"from stdin"}' });
    const last = (out: string) => (JSON.parse(out.trim().split('\n').at(-1) ?? '') as JobView).result;
    expect([last(file.out), last(piped.out)]).toEqual([{ value: 'from a file' }, { value: 'from stdin' }]);
  });

  test('a file that Windows has written is read, and one that is not UTF-8 is refused before anything is sent', async () => {
    const file = join(folder, 'windows.json');
    await writeFile(file, '\ufeff{"value":"Müller"}');
    const read = await longhaul(['submit', 'debug.echo', `@${file}`, '--wait', '--json']);
    expect(JSON.parse(read.out.trim().split('\n').at(-1) ?? '')).toMatchObject({ result: { value: 'Müller' } });
    await writeFile(file, '{"value":"Müller"}', 'latin1');
    expect(await longhaul(['submit', 'debug.echo', `@${file}`])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('to be UTF-8') });
  });

  test('what a handler has written is shown, and not obeyed by the terminal', async () => {
    const failed = await longhaul(['submit', 'debug.fail', JSON.stringify({ message: 'a\u001b]0;mine\u0007\u009b2J', retryable: false }), '--wait']);
    expect(failed.out).toContain('a\\u001b]0;mine\\u0007\\u009b2J');
    expect((failed.out + failed.err).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  test('numbers are sent, and printed, digit by digit as they are (C2)', async () => {
    const payload = '{"value":[12345678901234567890,-0,1E400,0.10000000000000000001,1.0]}';
    const shown = await longhaul(['submit', 'debug.echo', payload, '--wait', '--json']);
    expect(shown.out.trim().split('\n').at(-1)).toContain(`"result":${payload}`);
    const { id } = JSON.parse(shown.out.trim().split('\n').at(-1) ?? '') as JobView;
    expect((await longhaul(['get', id, '--json'])).out).toContain(`"result":${payload}`);
    expect((await longhaul(['get', id])).out.replaceAll(/\s/g, '')).toContain(`result${payload}`);
  });

  test('one key makes one job', async () => {
    const submit = ['submit', 'debug.echo', '{"value":1}', '--key', 'cli key'];
    expect((await longhaul(submit)).out).toBe((await longhaul(submit)).out);
  });

  test('watch follows a job to its end, and its exit code says how that was', async () => {
    const slept = await json(['submit', 'debug.sleep', '{"ms":500}']);
    expect(await longhaul(['watch', slept.id])).toMatchObject({ code: 0, out: expect.stringMatching(/state {5}succeeded/) });
    const failed = await longhaul(['submit', 'debug.fail', '{"message":"no luck","retryable":false}', '--wait']);
    expect(failed).toMatchObject({ code: 1, out: expect.stringContaining('no luck') });
  });

  test('watch tells each state and how far the job is, and nothing that it does not know (C27)', async () => {
    const { err } = await longhaul(['submit', 'debug.log', '{"lines":3,"pauseMs":300}', '--wait']);
    const told = err.trim().split('\n');
    expect(told.at(-1)).toBe('succeeded');
    expect(told).toEqual(expect.arrayContaining([expect.stringMatching(/^running {2}\d of 3 \(\d+ %\)$/), expect.stringMatching(/^ {2}line \d$/)]));
    expect(err).not.toMatch(/undefined|\{/);
  });

  // script(1) of util-linux gives the command a terminal.
  testIf(existsSync('/usr/bin/script'), 'the program script is not installed')('on a terminal a bar goes up step by step to 100 % (C27)', async () => {
    const command = `${process.execPath} ${CLI} submit debug.sleep '{"ms":5000}' --wait`;
    const child = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], {
      env: { PATH: process.env['PATH'], TERM: 'xterm', LONGHAUL_URL: stack.gateway.url },
    });
    const seen = await text(child.stdout);
    const shares = [...seen.matchAll(/ (\d+)% {2}/g)].map((match) => Number(match[1]));
    expect(shares[0]).toBe(0);
    expect(shares.at(-1)).toBe(100);
    expect(shares.filter((share) => share > 0 && share < 100).length).toBeGreaterThan(1);
    expect(seen).toMatch(/100% {2}succeeded/);
    expect(seen).not.toMatch(/undefined|\{told\}|\{state\}/);
  });

  test('list filters, and says how to go on', async () => {
    for (const value of [1, 2]) await longhaul(['submit', 'debug.echo', `{"value":${String(value)}}`, '--tag', 'listed', '--delay', '1h']);
    const first = await longhaul(['list', '--tag', 'listed', '--state', 'scheduled', '--limit', '1']);
    expect(first.out).toMatch(/^ID +KIND +STATE +TRY +CREATED\n\S+ +debug\.echo +scheduled +0 +\S+Z\n$/);
    const cursor = /--cursor (\S+)/.exec(first.err)?.[1] ?? '';
    const rest = await longhaul(['list', '--tag', 'listed', '--cursor', cursor]);
    expect(rest).toMatchObject({ code: 0, err: '' });
    expect(rest.out.split('\n')).toHaveLength(3);
  });

  test('cancel and redrive change the job, or say why not', async () => {
    const { id } = await json(['submit', 'debug.echo', '{"value":1}', '--delay', '1h']);
    expect(await json(['cancel', id])).toMatchObject({ state: 'cancelled' });
    expect(await longhaul(['cancel', id])).toMatchObject({ code: 0 });
    expect(await longhaul(['redrive', id])).toMatchObject({ code: 4, err: expect.stringContaining('a job that is cancelled cannot be redriven') });
    const failed = await longhaul(['submit', 'debug.fail', '{"message":"x","retryable":false}', '--wait', '--json']);
    const job = JSON.parse(failed.out.trim().split('\n').at(-1) ?? '') as JobView;
    expect(await longhaul(['redrive', job.id])).toMatchObject({ code: 0 });
  });

  test('cancel by conditions counts first, then cancels all that match, and takes nothing for all', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => (await longhaul(['submit', 'debug.echo', '{"value":1}', '--delay', '1h', '--tag', 'twice'])).out.trim()),
    );
    const counted = await longhaul(['cancel', '--tag', 'twice', '--dry-run']);
    expect(counted.err).toContain('2 jobs match; nothing was changed');
    for (const id of ids) expect(counted.out).toContain(id);
    expect((await longhaul(['cancel', '--tag', 'twice', '--reason', 'sent twice'])).code).toBe(0);
    expect((await longhaul(['get', ids[0] as string])).out).toMatch(/^cancel {4}not started; asked for at .*: sent twice$/m);
    for (const wrong of [['cancel'], ['cancel', '--dry-run'], ['cancel', '--all', '--kind', 'x'], ['cancel', 'id', '--kind', 'x']])
      expect((await longhaul(wrong)).code).toBe(2);
  });

  test('reprioritise and move count first, then change all that match and wait', async () => {
    const id = (await longhaul(['submit', 'debug.echo', '{"value":1}', '--delay', '1h', '--tag', 'later'])).out.trim();
    expect((await longhaul(['reprioritise', '9', '--tag', 'later', '--dry-run'])).err).toContain('1 job matches; nothing was changed');
    expect((await longhaul(['reprioritise', '9', '--tag', 'later', '--reason', 'the month ends'])).code).toBe(0);
    expect(await json(['get', id])).toMatchObject({ priority: 9 });
    await longhaul(['queues', 'declare', 'slow']);
    expect((await longhaul(['move', 'slow', '--tag', 'later', '--dry-run'])).err).toContain('1 job matches');
    expect((await longhaul(['move', 'slow', '--tag', 'later'])).code).toBe(0);
    expect(await json(['get', id])).toMatchObject({ queue: 'slow' });
    expect((await longhaul(['move', 'nowhere', '--tag', 'later'])).code).toBe(4);
    for (const wrong of [['move'], ['move', 'slow'], ['move', '--all'], ['reprioritise', 'high', '--all'], ['reprioritise', '9']])
      expect((await longhaul(wrong)).code).toBe(2);
  });

  test('workers lists what each runs, and drains none that is not there', async () => {
    const id = (await longhaul(['submit', 'debug.sleep', '{"ms":60000}'])).out.trim();
    await stack.api.waitForState(id, 'running');
    const listed = await longhaul(['workers']);
    expect(listed.out).toMatch(
      /^ID +NAME +STATE +RUNNING +SLOTS +QUEUES +VERSION +MEMORY +STARTED\n\d+ +\S+:\d+ +running +1 +10 a queue +all +\S+ +\d+ MB +\S+$/m,
    );
    expect(listed.out).toContain(id);
    expect(JSON.parse((await longhaul(['workers', '--json'])).out)).toMatchObject({ items: [{ runningCount: 1 }] });
    expect((await longhaul(['workers', 'drain', '999999'])).code).toBe(4);
    expect((await longhaul(['workers', 'stop'])).code).toBe(2);
    await longhaul(['cancel', id]);
  });

  test('webhooks lists the endpoints; webhooks test says what one answered to a test event, and by its exit code whether it took it', async () => {
    const receiver = await webhookReceiver();
    try {
      expect(await longhaul(['webhooks'])).toEqual({ code: 0, out: '', err: 'no endpoint is told of jobs\n' });
      const url = `${receiver.url}/hook`;
      const { id } = (await stack.api.call<{ id: string }>('POST', '/webhooks/endpoints', { url, events: ['job.failed'] })).body;
      expect((await longhaul(['webhooks'])).out).toMatch(new RegExp(`^ID .*URL\\n${id} +enabled +job[.]failed +all +any +${url}\\n$`));
      const good = await longhaul(['webhooks', 'test', id, '--reason', 'a new receiver']);
      expect([good.code, good.out]).toEqual([0, expect.stringMatching(new RegExp(`^delivered: ${url} answered 204, after [0-9.]+ s\\n$`))]);
      receiver.answer = (response) => response.writeHead(500).end('out\u001b[31m of order');
      const bad = await longhaul(['webhooks', 'test', id]);
      expect([bad.code, bad.out]).toEqual([1, expect.stringContaining('\n  expected a status of 200 to 299, got: 500\n  it said: out [31m of order\n')]);
      expect(JSON.parse((await longhaul(['webhooks', 'test', id, '--json'])).out)).toMatchObject({
        delivered: false,
        reason: 'status',
        attempt: { status: 500 },
      });
      expect((await longhaul(['webhooks', 'test', '01890000-0000-7000-8000-000000000000'])).code).toBe(4);
      const { items } = (await stack.api.call<{ items: { detail: object }[] }>('GET', '/audit?action=testWebhookEndpoint')).body;
      expect(items.at(-1)?.detail).toMatchObject({ reason: 'a new receiver' });
    } finally {
      await receiver.close();
    }
  });

  test('workers assign says which queues workers take from, which of them nobody is to take any more, and unassign gives back those of the variable', async () => {
    const { items } = JSON.parse((await longhaul(['workers', '--json'])).out) as { items: { id: number }[] };
    const id = String(items[0]?.id);
    const assigned = await longhaul(['workers', 'assign', id, '--queues', 'default, webhooks', '--reason', 'a trial', '--by', 'anna', '--wait']);
    expect(assigned).toMatchObject({ code: 0, out: expect.stringMatching(/^worker \d+ \(\S+\) takes default, webhooks, until its process ends\n$/) as string });
    const listed = (await longhaul(['workers'])).out;
    expect(listed).toMatch(/ running +\d+ +10 a queue +default, webhooks +/);
    expect(listed).toMatch(/worker \d+ was assigned default, webhooks in place of all at \S+ by anna: a trial/);
    const moved = await longhaul(['workers', 'assign', '--taking', 'default', '--queues', 'webhooks', '--wait', '--json']);
    expect(JSON.parse(moved.out)).toMatchObject({ items: [{ queues: ['webhooks'], configuredQueues: [], assigned: { queues: ['webhooks'] } }], refused: [] });
    expect(moved.err).toContain('no worker is to take default any more; its jobs wait');
    expect(await longhaul(['workers', 'unassign', '--all', '--wait'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('takes all, as its WORKER_QUEUES says') as string,
    });
    expect((await longhaul(['workers', 'assign', '999999', '--queues', 'default'])).code).toBe(4);
    const several = await longhaul(['workers', 'assign', id, '999999', '--queues', 'default', '--wait']);
    expect([several.code, several.err]).toEqual([4, expect.stringContaining('worker 999999 was not assigned: there is no worker "999999"')]);
    expect((await longhaul(['workers', 'unassign', id, '--wait'])).code).toBe(0);
    const refused = await longhaul(['workers', 'assign', id, '--queues', 'defualt']);
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('/queues/0 must be a declared queue, got "defualt"; did you mean "default"?')]);
    for (const wrong of [
      ['assign', id],
      ['assign', '--queues', 'a'],
      ['assign', id, '--all', '--queues', 'a'],
      ['unassign', id, '--queues', 'a'],
      ['assign', '--host', 'x', '--queues', 'a'],
    ])
      expect((await longhaul(['workers', ...wrong])).code).toBe(2);
  });

  test('stats says what is not well, what to do and how much there is; audit who has changed what', async () => {
    await longhaul(['queues', 'declare', 'audited']);
    await longhaul(['queues', 'pause', 'audited', '--reason', 'repair']);
    const stats = await longhaul(['stats']);
    expect(stats.out).toMatch(/^last minute {2,}\d+ accepted, \d+ started/m);
    expect(stats.out).toMatch(/^QUEUE +QUEUED +RUNNING +OLDEST +WORKERS +LAST MINUTE$/m);
    expect(JSON.parse((await longhaul(['stats', '--json'])).out)).toMatchObject({ verdict: {}, doctor: { rules: expect.arrayContaining([]) as unknown } });
    expect((await longhaul(['stats', 'now'])).code).toBe(2);
    const audit = await longhaul(['audit', '--action', 'pauseQueue', '--limit', '1']);
    expect(audit.out).toMatch(/^AT +WHO +ACTION +TARGET +STATUS +FROM +REASON\n\S+ +local +pauseQueue +\/queues\/audited\/pause +200 +127\.0\.0\.1 +repair\n$/);
    expect((await longhaul(['audit', '--target', '/queues/none'])).code).toBe(0);
    await longhaul(['queues', 'resume', 'audited']);
  });

  test('queues shows what waits where, who has paused it and how it is shared', async () => {
    await stack.api.call('PUT', '/queues/shop', {});
    const set = ['queues', 'set', 'shop', '--fair', 'tag:tenant', '--cost', 'time', '--weight', 'acme=3', '--weight', 'a=b=0.5'];
    expect((await longhaul(set)).out).toBe('shop: worker time shared by tag:tenant (weights: a=b 0.5, acme 3)\n');
    const paused = await longhaul(['queues', 'pause', 'shop', '--by', 'anna', '--reason', 'repair']);
    expect(paused.out).toMatch(/^shop is paused( for \d+ s)?, by anna: repair\n$/);
    await stack.api.accepted('debug.echo', { value: 1 }, { queue: 'shop' });
    const listed = await longhaul(['queues']);
    expect(listed.out).toMatch(/^QUEUE +READY +WAITING +PARKED +RUNNING +SCHEDULED +OLDEST +WORKERS +NOTES$/m);
    expect(listed.out).toMatch(/^shop +0 +1 +0 +0 +0 +\d+ s +1 +paused[^,]*, by anna: repair; worker time shared by tag:tenant/m);
    expect((await longhaul(['queues', 'show', 'shop'])).out).toMatch(/^waiting +1 for their turn$/m);
    const shown = JSON.parse((await longhaul(['queues', 'show', 'shop', '--json'])).out) as object;
    expect(shown).toMatchObject({ name: 'shop', queued: 1, waiting: 1, parked: 0, pausedBy: 'anna' });
    expect((await longhaul(['queues', 'delete', 'shop'])).code).toBe(4);
    expect((await longhaul(['queues', 'resume', 'shop'])).out).toBe('shop is not paused\n');
  });

  test('a queue is declared, is first in, first out again, and is deleted', async () => {
    expect((await longhaul(['queues', 'declare', 'passing'])).out).toBe('declared passing\n');
    expect((await longhaul(['queues', 'set', 'passing', '--fair', 'off'])).out).toBe('passing: first in, first out\n');
    expect((await longhaul(['queues', 'delete', 'passing'])).out).toBe('deleted passing\n');
  });

  test('kinds says which are paused, by whom and why', async () => {
    expect((await longhaul(['kinds', 'pause', 'debug.log', '--by', 'ben'])).out).toMatch(/^debug\.log is paused[^,]*, by ben\n$/);
    expect((await longhaul(['kinds'])).out).toMatch(/^debug\.log +default +\d +\d+ +\S+( \w+)? +paused[^,]*, by ben$/m);
    expect(JSON.parse((await longhaul(['kinds', 'resume', 'debug.log', '--json'])).out)).toMatchObject({ kind: 'debug.log', paused: false });
  });

  test('redrive puts back dead letters by a filter or all, counts them first, and takes nothing for all (C28)', async () => {
    await stack.api.call('PUT', '/queues/letters', {});
    for (let n = 0; n < 2; n++) await longhaul(['submit', 'debug.fail', '{"message":"y","retryable":false}', '--queue', 'letters', '--wait', '--json']);
    const which = ['redrive', '--queue', 'letters'];
    expect(await longhaul([...which, '--dry-run'])).toMatchObject({ code: 0, out: '2 dead letters match; nothing was put back\n' });
    expect(await json([...which, '--dry-run'])).toEqual({ matching: 2 });
    expect(await longhaul(['redrive'])).toMatchObject({ code: 2, err: expect.stringContaining("expected a job's id, or dead letters by --reason") });
    expect(await longhaul(which)).toMatchObject({ code: 0, out: 'put back 2 dead letters\n' });
    expect(await longhaul(['redrive', '--source', 'elsewhere'])).toMatchObject({ code: 4, err: expect.stringContaining('source') });
    expect(await longhaul(['redrive', '--all', '--dry-run'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+ dead letters match/) });
  });

  test('limits are written to a file and read from it, and a dry run says what would become of each', async () => {
    expect((await longhaul(['limits', 'set', 'partner', '--kind', 'debug.echo', '--concurrency', '2', '--rate', '600/m', '--per', 'tag:tenant'])).code).toBe(0);
    const file = join(folder, 'limits.json');
    expect((await longhaul(['limits', 'export', file])).out).toBe(`wrote 1 limit to ${file}\n`);
    const written = { limits: { partner: { match: { kind: 'debug.echo' }, per: 'tag:tenant', concurrency: 2, rate: '600/m' } } };
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(written);
    expect(JSON.parse((await longhaul(['limits', 'export'])).out)).toEqual(written);
    expect((await longhaul(['limits', 'import', file])).out).toBe('unchanged partner\n');
    const { partner } = written.limits;
    await writeFile(
      file,
      JSON.stringify({ limits: { partner: { ...partner, concurrency: 3 }, other: { match: {}, rate: '5/s' }, wrong: { match: {}, rate: 'fast' } } }),
    );
    const said = await longhaul(['limits', 'import', file, '--dry-run']);
    expect(said).toMatchObject({
      code: 4,
      out: 'would be changed partner\nwould be created other\n',
      err: expect.stringMatching(/^would be refused wrong: .*\/rate must/),
    });
    expect((await longhaul(['limits'])).out).not.toContain('other');
    expect(await longhaul(['limits', 'import', file, '--json'])).toMatchObject({
      code: 4,
      out: expect.stringContaining('{"name":"partner","became":"changed"}'),
    });
    expect((await longhaul(['limits', 'import', file])).out).toBe('unchanged partner\nunchanged other\n');
    for (const name of ['partner', 'other']) expect((await longhaul(['limits', 'delete', name])).code).toBe(0);
    expect(await longhaul(['limits', 'import'])).toMatchObject({ code: 2, err: expect.stringContaining('expected a file') });
  });

  test('schedules are put, shown, listed, paused, triggered, made up for, written to a file and read from it', async () => {
    expect(await longhaul(['schedules'])).toMatchObject({ code: 0, out: '', err: expect.stringContaining('no schedules') });
    const put = ['schedules', 'put', 'nightly', '--kind', 'debug.echo', '--payload', '{"value":12345678901234567890}', '--cron', '30 2 * * *'];
    const shown = await longhaul([...put, '--timezone', 'Europe/Berlin', '--description', 'every night', '--revision', 'none']);
    expect([shown.code, shown.out]).toEqual([
      0,
      expect.stringMatching(/nightly: every night[^]*30 2 \* \* \* \(Europe\/Berlin\)[^]*NEXT RUNS \(local\)[^]*T02:30:00\+0[12]:00/),
    ]);
    expect(await longhaul([...put, '--revision', 'none'])).toMatchObject({ code: 4, err: expect.stringContaining('expected no schedule nightly') });
    expect((await longhaul(['schedules'])).out).toMatch(/^ID +KIND +WHEN[^]*nightly +debug\.echo/);
    expect((await longhaul(['schedules', 'pause', 'nightly', '--by', 'ada', '--reason', 'holiday'])).out).toMatch(
      /paused by ada: holiday[^]*WHEN RESUMED \(local\)/,
    );
    expect((await longhaul(['schedules', 'resume', 'nightly'])).out).not.toContain('paused');
    const { out: id } = await longhaul(['schedules', 'trigger', 'nightly', '--key', 'a']);
    expect((await longhaul(['schedules', 'trigger', 'nightly', '--key', 'a'])).out).toBe(id);
    expect((await longhaul(['watch', id.trim()])).code).toBe(0);
    const times = ['schedules', 'backfill', 'nightly', '--from', '2026-03-28T00:00:00Z', '--to', '2026-03-30T12:00:00Z'];
    expect(await longhaul([...times, '--dry-run'])).toMatchObject({ code: 0, out: '3 jobs would be made for 3 ticks; 0 have one already\n' });
    expect(await longhaul(times)).toMatchObject({ code: 0, out: 'made 3 jobs for 3 ticks; 0 have one already\n' });
    const file = join(folder, 'schedules.json');
    expect((await longhaul(['schedules', 'export', file])).code).toBe(0);
    expect(await readFile(file, 'utf8')).toContain('"value": 12345678901234567890');
    expect((await longhaul(['schedules', 'import', file])).out).toBe('unchanged nightly\n');
    const mistyped = join(folder, 'mistyped.json');
    await writeFile(mistyped, (await readFile(file, 'utf8')).replace('"overlap"', '"overlapp"'));
    expect(await longhaul(['schedules', 'import', mistyped])).toMatchObject({ code: 4, err: expect.stringContaining('did you mean "overlap"?') });
    const refused = await longhaul(['schedules', 'import', mistyped, '--dry-run']);
    expect([refused.code, refused.err]).toEqual([4, expect.stringMatching(/^would be refused nightly: .*did you mean "overlap"\?/)]);
    await writeFile(mistyped, '{"schedules":{"":{},"..":{}}}');
    expect((await longhaul(['schedules', 'import', mistyped])).err).toBe('refused : "" is no id of a schedule\nrefused ..: ".." is no id of a schedule\n');
    expect((await longhaul(['schedules', 'delete', 'nightly'])).out).toBe('deleted nightly\n');
    expect((await longhaul(['schedules', 'import', file, '--dry-run'])).out).toBe('would be created nightly\n');
    expect((await longhaul(['schedules', 'import', file])).out).toBe('created nightly\n');
    expect((await longhaul(['schedules', 'show', 'nightly', '--json'])).out).toContain('"value":12345678901234567890');
    await longhaul(['schedules', 'delete', 'nightly']);
    expect((await longhaul(['schedules', 'preview', '--every', '900000', '--count', '1'])).out).toMatch(/:(00|15|30|45):00/);
    const preview = await longhaul(['schedules', 'preview', '--cron', '30 2 * * *', '--timezone', 'Europe/Berlin', '--count', '2']);
    expect(preview.out.trim().split('\n')).toHaveLength(3);
  });

  test.each([
    [['schedules', 'put', 'x', '--kind', 'debug.echo'], 2, 'expected --cron <pattern> with --timezone <zone>, --every <15m>, or --at <time>'],
    [['schedules', 'put', 'x', '--kind', 'debug.echo', '--every', '1ms'], 4, '/spec/every must be from 1s'],
    [['schedules', 'preview', '--cron', '0 0 31 2 *'], 4, 'never comes within ten years'],
    [['schedules', 'pasue', 'x'], 2, 'expected schedules list|show|put'],
    [['schedules', 'show', 'x'], 4, 'there is no schedule "x"'],
    [['queues', 'stop', 'x'], 2, 'expected queues, or queues show|set|pause|resume|declare|delete <name>, got: queues stop'],
    [['queues', 'show'], 2, 'expected the name of a queue: longhaul queues show <name>'],
    [['queues', 'show', 'nowhere'], 4, 'there is no queue "nowhere"'],
    [['queues', 'set', 'default'], 2, 'expected --fair tag:<name>, --fair kind, or --fair off'],
    [['queues', 'set', 'default', '--fair', 'off', '--cost', 'time'], 2, 'expected nothing else with --fair off'],
    [['queues', 'set', 'default', '--fair', 'kind', '--weight', 'acme'], 2, 'expected --weight <key>=<number>'],
    [['queues', 'set', 'default', '--fair', 'tenant'], 4, '/fair/by'],
    [['queues', 'pause', 'default', '--reason', ''], 4, '/reason must be a printable text'],
    [['kinds', 'stop', 'x'], 2, 'expected kinds, or kinds pause|resume <kind>, got: kinds stop'],
    [['kinds', 'pause', 'debug.ecko'], 4, 'did you mean debug.echo?'],
    [['redrive', '--dry-run'], 2, "expected a job's id, or dead letters by"],
    [['redrive', '--all', '--kind', 'x'], 2, 'expected --all or a filter, got both'],
    [['redrive', 'some-id', '--all'], 2, 'or a choice of dead letters, got both'],
    [['submit', 'debug.eco', '{"value":1}'], 4, 'did you mean "debug.echo"?'],
    [['submit', 'debug.sleep', '{"ms":"long"}'], 4, '/payload/ms'],
    [['get', 'nonsense'], 4, 'there is no job "nonsense"'],
    [['list', '--state', 'done'], 4, 'expected query parameter "state" to be'],
    [
      ['sbmit'],
      2,
      'expected one of the commands start, dev, gateway, worker, migrate, keys, webhook-secret, rotate-secrets, payload-index, doctor, submit, watch, get, why, link, list, cancel, reprioritise, move, redrive, erase, dead-letters, limits, retention, queues, kinds, schedules, stats, alerts, audit, tenants, webhooks, workers, completion, got: sbmit',
    ],
    [['submit', 'debug.echo', '{value:1}'], 2, 'expected the payload to be JSON'],
    [['submit', 'debug.echo', '@no-such-file'], 2, 'expected a file no-such-file'],
    [['submit', 'debug.echo', '{}', '--priority', 'high'], 2, 'expected --priority to be a whole number, got: high'],
    [['submit', 'debug.echo', '{}', '--quue', 'x'], 2, "Unknown option '--quue'"],
    [['get'], 2, "expected a job's id"],
    [['get', ''], 2, 'expected a name, an id or a payload, got: ""'],
    [['dead-letters', 'discard', '--group', ''], 4, '/group must not be empty'],
    [['submit', 'debug.echo', '{"value":1,"value":2}'], 2, 'expected the payload to be JSON, got: an object with a name twice'],
    [['get', 'x', '--url', 'nowhere'], 2, 'expected --url to be a URL'],
  ])('%j ends with exit code %i and says: %s', async (args, code, message) => {
    expect(await longhaul(args)).toMatchObject({ code, out: '', err: expect.stringContaining(message) });
  });

  test('a gateway that is not there is exit code 3, and says what to look at', async () => {
    const { code, err } = await longhaul(['list'], { url: `http://127.0.0.1:${String(await freePort())}` });
    expect([code, err]).toEqual([3, expect.stringMatching(/is Longhaul running/)]);
  });

  test('help is on stdout, and has the exit codes', async () => {
    for (const args of [['--help'], ['submit', '--help']]) expect(await longhaul(args)).toMatchObject({ code: 0, out: expect.stringContaining('Exit codes:') });
    expect(await longhaul([])).toMatchObject({ code: 2, err: expect.stringContaining('Usage:') });
  });
});
