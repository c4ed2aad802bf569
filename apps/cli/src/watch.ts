import type { JobEvent, JobView, Longhaul, Progress } from '@app/sdk/client';
import { progressText, type Terminal } from './terminal.js';

interface Display {
  show(state: string, progress: Progress | undefined): void;
  stop(): void;
}

/** Follows a job to its end: a bar on a terminal, lines elsewhere, with `json` a line for each event. The job as it ended. */
export async function watch(
  longhaul: Longhaul,
  job: JobView,
  { terminal, json, signal }: { terminal: Terminal; json: boolean; signal: AbortSignal },
): Promise<JobView> {
  const display = json ? undefined : terminal.interactive ? await bar(terminal.err, job.kind) : lines(terminal);
  display?.show(job.state, job.progress ?? undefined);
  try {
    return await longhaul.ended(job, {
      signal,
      onEvent: (event) => {
        if (json) terminal.json({ event });
        else display?.show(textOf(event), progressOf(event));
      },
    });
  } finally {
    display?.stop();
  }
}

function textOf(event: JobEvent): string {
  const message = event['message'];
  return event.type === 'log' && typeof message === 'string' ? message : event.state;
}

function progressOf({ progress }: JobEvent): Progress | undefined {
  return typeof progress === 'object' && progress !== null && 'done' in progress ? (progress as Progress) : undefined;
}

function lines(terminal: Terminal): Display {
  let shown = '';
  return {
    show: (state, progress) => {
      const line = progress ? `${state}  ${progressText(progress)}` : state;
      if (line !== shown) terminal.say(line);
      shown = line;
    },
    stop: () => undefined,
  };
}

/** On stderr, so that stdout has the result and nothing else. */
async function bar(stream: NodeJS.WriteStream, kind: string): Promise<Display> {
  const { default: progress } = await import('cli-progress');
  const single = new progress.SingleBar(
    { format: `${kind} {bar} {percentage}%  {state}`, barsize: 32, hideCursor: true, stream, clearOnComplete: false },
    progress.Presets.shades_classic,
  );
  single.start(1, 0, { state: 'submitted' });
  let known: Progress | undefined;
  return {
    show: (state, told) => {
      known = told ?? known;
      const total = Math.max(1, known?.total ?? 1);
      single.setTotal(total);
      single.update(state === 'succeeded' ? total : Math.min(total, known?.total === undefined ? 0 : known.done), { state });
    },
    stop: () => single.stop(),
  };
}
