import { type DeadLetterChoice, type JobView, Longhaul, type MatchingJobs, NumberText, ProblemError, UnreachableError } from '@app/client';
import {
  cancelRequest,
  deadLetters,
  jobsToCancel,
  type Invocation,
  jobFilter,
  jobOptions,
  readArguments,
  readProcessCommand,
  toMove,
  toReprioritise,
} from './arguments.js';
import { alerts } from './alerts.js';
import { audit } from './audit.js';
import { completionOf } from './completion/index.js';
import { erase } from './erase.js';
import { kinds } from './kinds.js';
import { deadLetters as letters } from './dead-letters.js';
import type { Gateway } from './ask.js';
import { link } from './link.js';
import { limits } from './limits.js';
import { tenants } from './tenants.js';
import { queues } from './queues.js';
import { retention } from './retention.js';
import { schedules } from './schedules.js';
import { stats } from './stats.js';
import type { Tools } from './tools.js';
import { counted } from './table.js';
import { readPayload } from './payload.js';
import { keyHeaders } from './api-key.js';
import { reasonHeader } from './reason.js';
import { Terminal } from './terminal.js';
import { EXIT, UsageError, usageFor } from './usage.js';
import { version } from './version.js';
import { workers } from './workers.js';
import { follow } from './watch.js';
import { webhooks } from './webhooks.js';

export interface Surroundings {
  env: NodeJS.ProcessEnv;
  stdin: NodeJS.ReadableStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  /** Fires when the user interrupts the command. */
  signal: AbortSignal;
}

/** A person waits for the answer, so the deadline is short. */
const DEADLINE_MS = 10_000;

/** Runs one command line and resolves with the exit code. Never rejects for mistakes of the user or errors of the gateway. */
export async function run(argv: string[], { env, stdin, stdout, stderr, signal }: Surroundings): Promise<number> {
  const terminal = new Terminal(stdout, stderr, env);
  let json = argv.includes('--json');
  try {
    if (argv[0] === '--version' || argv[0] === '-v') {
      stdout.write(`longhaul ${version()}\n`);
      return EXIT.ok;
    }
    if (argv[0] === 'completion') {
      stdout.write(argv.includes('--help') ? usageFor(stdout.columns) : completionOf(argv.slice(1)));
      return EXIT.ok;
    }
    const process = readProcessCommand(argv);
    // A command with arguments has a help of its own.
    if (process && (process.values['help'] !== true || process.command.operands !== undefined))
      return await process.command.run(process.values, process.operands);
    const invocation = process ? undefined : readArguments(argv);
    if (!invocation) {
      const to = argv.length === 0 ? stderr : stdout;
      to.write(usageFor(to.columns));
      return argv.length === 0 ? EXIT.usage : EXIT.ok;
    }
    json = invocation.json;
    const gateway = { url: urlOf(invocation, env), headers: { ...keyHeaders(invocation.apiKey, env), ...reasonHeader(invocation) } };
    const longhaul = new Longhaul({
      ...gateway,
      deadlineMs: DEADLINE_MS,
      exact: (literal) => new NumberText(literal),
    });
    return await perform(invocation, { longhaul, gateway, terminal, stdin, signal });
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    return tell(error, terminal, json);
  }
}

/** Those with a file of their own. */
const COMMANDS = { audit, 'dead-letters': letters, kinds, queues, stats, tenants };

async function perform(
  { command, operands, values, json }: Invocation,
  { longhaul, gateway, terminal, stdin, signal }: Omit<Tools, 'json'> & { gateway: Gateway },
): Promise<number> {
  const tools = { longhaul, terminal, json, signal };
  const [first = ''] = operands;
  const show = (job: JobView): number => {
    if (json) terminal.json(job);
    else terminal.job(job);
    return EXIT.ok;
  };
  const counted = ({ matching, samples }: MatchingJobs): number => {
    if (json) terminal.json({ matching, samples });
    else terminal.matching(matching, samples);
    return EXIT.ok;
  };
  switch (command) {
    case 'submit': {
      const payload = await readPayload(operands[1], stdin);
      const key = values['key'] as string | undefined;
      const options = { ...jobOptions(values), ...(key === undefined ? {} : { idempotencyKey: key }), signal };
      if (values['dry-run'] === true) {
        const met = await longhaul.dryRun(first, payload, options);
        if (json) terminal.json(met);
        else terminal.dryRun(met);
        return EXIT.ok;
      }
      const job = await longhaul.submit(first, payload, options);
      if (values['wait'] === true) return follow(job, tools);
      if (!json && terminal.interactive) terminal.say(`submitted; longhaul watch ${job.id} follows it`);
      return json ? show(job) : (terminal.print(job.id), EXIT.ok);
    }
    case 'watch':
      return follow(await longhaul.get(first, { signal }), tools);
    case 'get':
      return show(await longhaul.get(first, { signal }));
    case 'why': {
      const why = await longhaul.why(first, { signal });
      if (json) terminal.json(why);
      else terminal.why(why);
      return EXIT.ok;
    }
    case 'link':
      return link({ operands, values }, gateway, { terminal, json, signal });
    case 'alerts':
      return alerts({ operands, values }, gateway, { terminal, json, signal });
    case 'erase':
      return erase({ operands, values }, gateway, tools);
    case 'retention':
      return retention({ operands, values }, gateway, { terminal, json, signal });
    case 'limits':
      return limits({ operands, values }, gateway, { ...tools, stdin });
    case 'schedules':
      return schedules({ operands, values }, gateway, { ...tools, stdin });
    case 'webhooks':
      return webhooks({ operands, values }, gateway, { terminal, json, signal });
    case 'workers':
      return workers({ operands, values }, gateway, tools);
    case 'cancel': {
      const choice = jobsToCancel(values);
      if (choice === undefined) return show(await longhaul.cancel(first, { ...cancelRequest(values), signal }));
      return values['dry-run'] === true
        ? counted(await longhaul.countToCancel(choice, { signal }))
        : follow(await longhaul.cancelAll(choice, { signal }), tools);
    }
    case 'reprioritise': {
      const choice = toReprioritise(first, values);
      if (values['dry-run'] === true) return counted(await longhaul.countToReprioritise(choice, { signal }));
      return follow(await longhaul.reprioritiseAll(choice, { signal }), tools);
    }
    case 'move': {
      const choice = toMove(first, values);
      return values['dry-run'] === true ? counted(await longhaul.countToMove(choice, { signal })) : follow(await longhaul.moveAll(choice, { signal }), tools);
    }
    case 'redrive': {
      const choice = deadLetters(values);
      if (choice === undefined) return show(await longhaul.redrive(first, { signal }));
      return redriveAll(choice, values['dry-run'] === true, tools);
    }
    case 'list': {
      const page = await longhaul.list(jobFilter(values), { signal });
      if (json) terminal.json(page);
      else terminal.page(page);
      return EXIT.ok;
    }
    default:
      return COMMANDS[command]({ operands, values }, { ...tools, stdin });
  }
}

/** Exit code 4 when some of the letters could not be put back. */
async function redriveAll(choice: DeadLetterChoice, dryRun: boolean, { longhaul, terminal, json, signal }: Omit<Tools, 'stdin'>): Promise<number> {
  if (dryRun) {
    const matching = await longhaul.countDeadLetters(choice, { signal });
    if (json) terminal.json({ matching });
    else terminal.print(`${counted(matching, 'dead letter matches', 'dead letters match')}; nothing was put back`);
    return EXIT.ok;
  }
  const result = await longhaul.redriveDeadLetters(choice, { signal });
  if (json) terminal.json(result);
  else terminal.print(`put back ${result.redriven} dead letters`);
  for (const { id, detail } of result.refused) terminal.say(`  ${id} stays: ${detail}`);
  return result.refused.length === 0 ? EXIT.ok : EXIT.refused;
}

function urlOf({ url }: Invocation, env: NodeJS.ProcessEnv): string {
  const text = url ?? (env['LONGHAUL_URL'] || 'http://127.0.0.1:3000');
  if (!/^https?:$/.test(protocolOf(text))) {
    throw new UsageError(`expected ${url === undefined ? 'LONGHAUL_URL' : '--url'} to be a URL such as http://127.0.0.1:3000, got: ${text}`);
  }
  return text;
}

/** Empty for text that is no URL. */
function protocolOf(text: string): string {
  try {
    return new URL(text).protocol;
  } catch {
    return '';
  }
}

/** Writes an error as text to stderr, or with --json as JSON to stdout, which programs read. */
function tell(error: unknown, terminal: Terminal, json: boolean): number {
  if (error instanceof UsageError) {
    terminal.say(`longhaul: ${error.message}\nlonghaul --help lists the commands and their options`);
    return EXIT.usage;
  }
  if (error instanceof ProblemError) {
    const { type, title, status, detail, instance, errors } = error;
    if (json) terminal.json({ problem: { type, title, status, detail, instance, errors } });
    terminal.say(`longhaul: ${error.message}`);
    for (const fault of errors) terminal.say(`  ${fault.pointer} ${fault.detail}`);
    return [502, 503, 504].includes(status) ? EXIT.unreachable : EXIT.refused;
  }
  if (error instanceof UnreachableError) {
    if (json) terminal.json({ error: { message: error.message } });
    terminal.say(`longhaul: ${error.message}\nis Longhaul running (npx longhaul start), and is it at this --url or LONGHAUL_URL?`);
    return EXIT.unreachable;
  }
  throw error;
}
