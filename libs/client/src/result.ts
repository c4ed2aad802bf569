import { ProblemError, UnreachableError } from './errors.js';
import { followJob } from './follow.js';
import { LONGEST_TIMER_MS, sleep } from './time.js';
import type { CallOptions, Transport } from './transport.js';
import { isTerminal, type JobEvent, type JobView } from './model.js';

interface Waiting<Result> extends CallOptions {
  transport: Transport;
  id: string;
  get: (call: CallOptions & { wait?: number }) => Promise<JobView<Result>>;
  onEvent?: (event: JobEvent) => void;
}

/** Seconds of one long poll: less than the usual time-out of proxies. */
const POLL_SECONDS = 20;
/** After so many broken streams in a row the client polls instead. */
const MAX_FAILURES = 3;

/**
 * Waits for the job's events, and polls where they do not come through: with an older gateway, or a proxy that holds streams back. An
 * event is only a hint: the job itself is read before it counts as ended.
 */
export async function awaitEnd<Result>({ transport, id, get, onEvent, signal, deadlineMs }: Waiting<Result>): Promise<JobView<Result>> {
  const limit = deadlineMs === undefined ? signal : anyOf(signal, AbortSignal.timeout(Math.min(Math.max(0, deadlineMs), LONGEST_TIMER_MS)));
  const call: CallOptions = limit ? { signal: limit } : {};
  for (let after: number | undefined, streaming = true; ;) {
    if (streaming) {
      try {
        for await (const event of followJob(transport, id, { ...call, maxFailures: MAX_FAILURES, ...(after === undefined ? {} : { after }) })) {
          after = event.seq;
          onEvent?.(event);
        }
      } catch (error) {
        if (!(error instanceof ProblemError || error instanceof UnreachableError)) throw error;
        streaming = false;
      }
    }
    const asked = performance.now();
    const job = await get({ ...call, ...(streaming ? {} : { wait: POLL_SECONDS }) });
    if (isTerminal(job.state)) return job;
    // The answer came early: a proxy on the way does not know `Prefer`, or the stream has ended before the job.
    if (performance.now() - asked < 1_000) await sleep(1_000, limit);
  }
}

function anyOf(signal: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  return signal ? AbortSignal.any([signal, other]) : other;
}
