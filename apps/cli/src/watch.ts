import { type JobEvent, type JobView, type Longhaul, type Progress, stateOf } from '@app/client';
import { harmless, progressText, type Terminal } from './terminal.js';
import type { Tools } from './tools.js';
import { EXIT } from './usage.js';

/** The known state of the job. An event changes one part of it. */
interface Known {
  state: string;
  progress: Progress | undefined;
}

interface Display {
  show(known: Known): void;
  /** A line of the handler's log. */
  log(message: string): void;
  stop(): void;
}

/** Follows a job to its end, with a bar on a terminal and lines elsewhere; with `json`, one line for each event. Resolves with the job at its end. */
export async function watch(
  longhaul: Longhaul,
  job: JobView,
  { terminal, json, signal }: { terminal: Terminal; json: boolean; signal: AbortSignal },
): Promise<JobView> {
  const display = json ? undefined : terminal.interactive ? await bar(terminal.err, job.kind) : lines(terminal);
  let known: Known = { state: job.state, progress: job.progress ?? undefined };
  display?.show(known);
  try {
    const ended = await longhaul.ended(job, {
      signal,
      onEvent: (event) => {
        if (json) terminal.json({ event });
        if (event.type === 'log') display?.log(event.message);
        // What came before the job was read has led to the state that is shown already.
        else if (event.seq > job.lastEventId) display?.show((known = after(known, event)));
      },
    });
    // The end is shown here for the case that no events came through.
    display?.show({ state: ended.state, progress: ended.progress ?? known.progress });
    return ended;
  } finally {
    display?.stop();
  }
}

function after(known: Known, event: Exclude<JobEvent, { type: 'log' }>): Known {
  const told = event.type === 'progress' ? event : event.type === 'reset' ? event.view.progress : event.progress;
  return { state: stateOf(event) ?? known.state, progress: told ?? known.progress };
}

function lines(terminal: Terminal): Display {
  let shown = '';
  const say = (line: string) => {
    if (line !== shown) terminal.say(line);
    shown = line;
  };
  return {
    show: ({ state, progress }) => say(state === 'running' && progress ? `running  ${progressText(progress)}` : state),
    log: (message) => say(`  ${message}`),
    stop: () => undefined,
  };
}

/**
 * The bar is on stderr, so that stdout has only the result. Without a total there is no share to draw: the bar is then empty until the
 * job succeeds, and the text says how much is done.
 */
async function bar(stream: NodeJS.WriteStream, kind: string): Promise<Display> {
  const { default: progress } = await import('cli-progress');
  const single = new progress.SingleBar(
    { format: `${kind} {bar} {percentage}%  {told}`, barsize: 32, hideCursor: true, stream, clearOnComplete: false },
    progress.Presets.shades_classic,
  );
  // The first drawing needs its values here: `update` draws later, and a name without a value is printed unchanged.
  single.start(1, 0, { told: '' });
  let line = '';
  return {
    show: ({ state, progress: told }) => {
      const total = Math.max(1, told?.total ?? 1);
      const done = state === 'succeeded' ? total : Math.min(total, told?.total === undefined ? 0 : told.done);
      single.setTotal(total);
      single.update(done, { told: harmless(`${state}${told && state === 'running' ? `  ${progressText(told, false)}` : ''}${line}`) });
    },
    log: (message) => {
      line = `  ${message.replaceAll(/\s+/g, ' ').slice(0, 60)}`;
    },
    stop: () => single.stop(),
  };
}

/** Follows a job to its end, and shows it then. */
export async function follow(job: JobView, { longhaul, terminal, json, signal }: Omit<Tools, 'stdin'>): Promise<number> {
  const ended = await watch(longhaul, job, { terminal, json, signal });
  if (json) terminal.json(ended);
  else terminal.job(ended);
  return ended.state === 'succeeded' ? EXIT.ok : EXIT.jobFailed;
}
