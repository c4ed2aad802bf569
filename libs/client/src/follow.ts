import { ProblemError, UnreachableError } from './errors.js';
import { readEventStream } from './sse.js';
import { pauseAfter, sleep } from './time.js';
import { messageOf, problemOf, type Transport } from './transport.js';
import { isTerminal, type JobEvent, stateOf } from './model.js';

export interface EventsOptions {
  signal?: AbortSignal;
  /** Yields only events with a greater number than this. */
  after?: number;
  /** How many connections may fail in a row before `events` throws. No limit unless given. */
  maxFailures?: number;
}

/** The gateway sends a comment every 15 s. A stream that misses three of them is dead, or a proxy holds it back. */
const SILENT_MS = 45_000;
/** How long to wait for the gateway to close the stream after the last event. */
const CLOSE_MS = 2_000;

/**
 * The events of a job, each once and in order, until the one that ends it. A stream that breaks is opened again after the last
 * event seen (`Last-Event-ID`). After an ending event that others follow (the job was redriven) it goes on.
 */
export async function* followJob(transport: Transport, id: string, options: EventsOptions = {}): AsyncGenerator<JobEvent, void, undefined> {
  const { signal, maxFailures = Infinity } = options;
  const position: Position = { seq: options.after, retryMs: undefined };
  for (let failures = 0; ;) {
    signal?.throwIfAborted();
    let problem: Error | undefined;
    try {
      for await (const event of streamOnce(transport, id, position, signal)) {
        failures = 0;
        if (event === 'over') return;
        yield event;
      }
    } catch (error) {
      problem = error as Error;
    }
    signal?.throwIfAborted();
    if (problem instanceof ProblemError && problem.status < 500 && problem.status !== 429) throw problem;
    failures++;
    if (failures === 1 && problem) transport.throwWhereBlocked(problem);
    if (failures > maxFailures) throw problem ?? new UnreachableError(`the events of job ${id} broke off ${failures} times`);
    const told = problem instanceof ProblemError ? problem.retryAfterMs : position.retryMs;
    await sleep(Math.max(told ?? 0, pauseAfter(failures, transport.backoff)), signal);
  }
}

interface Position {
  seq: number | undefined;
  retryMs: number | undefined;
}

/** Reads one connection. `over` means that no event will follow; an end without it means that the connection was lost. */
async function* streamOnce(transport: Transport, id: string, position: Position, signal?: AbortSignal): AsyncGenerator<JobEvent | 'over', void, undefined> {
  const silence = new Silence();
  try {
    silence.expect(SILENT_MS);
    const response = await transport.fetch(
      {
        method: 'GET',
        path: `/jobs/${encodeURIComponent(id)}/events`,
        headers: { accept: 'text/event-stream', ...(position.seq === undefined ? {} : { 'last-event-id': String(position.seq) }) },
      },
      signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
    );
    silence.expect(SILENT_MS);
    if (response.status === 204) {
      yield 'over';
      return;
    }
    if (!response.ok || !response.body) throw problemOf(response, await response.text());
    if (!/^text\/event-stream/i.test(response.headers.get('content-type') ?? '')) throw new ProblemError(noStream(response));
    let ended = false;
    try {
      const events = readEventStream(response.body, { onBytes: () => ended || silence.expect(SILENT_MS), onRetry: (ms) => (position.retryMs = ms) });
      for await (const { event, data } of events) {
        const seen = eventOf(event, () => transport.read(data));
        if (!seen || isOld(seen, position.seq)) continue;
        position.seq = seen.seq;
        yield seen;
        const state = stateOf(seen);
        ended = state !== undefined && isTerminal(state);
        silence.expect(ended ? CLOSE_MS : SILENT_MS);
      }
    } catch (error) {
      if (!ended) throw error;
    }
    if (ended) yield 'over';
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new UnreachableError(`expected the events of job ${id} from ${transport.base}, got: ${messageOf(error)}`, { cause: error });
  } finally {
    silence.end();
  }
}

/** Aborts a stream that stays silent for too long. */
class Silence {
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  expect(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.controller.abort(new Error(`nothing came for ${ms} ms`)), ms);
  }

  /** Closes the connection. */
  end(): void {
    clearTimeout(this.timer);
    this.controller.abort();
  }
}

const TYPES: readonly string[] = ['state', 'progress', 'log', 'reset'] satisfies JobEvent['type'][];

/** Undefined for a type of event that this client does not know: a newer gateway may send more types. */
function eventOf(type: string, read: () => unknown): JobEvent | undefined {
  if (!TYPES.includes(type)) return undefined;
  try {
    const fields = read() as JobEvent;
    return typeof fields.seq === 'number' ? ({ ...fields, type } as JobEvent) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the event was seen before. A `reset` replaces events that are no longer stored, so its number may be lower than the last one seen. */
function isOld({ type, seq }: JobEvent, last: number | undefined): boolean {
  if (last === undefined) return false;
  return type === 'reset' ? seq === last : seq <= last;
}

function noStream(response: Response) {
  return {
    type: 'about:blank',
    title: 'There is no event stream',
    status: 404,
    detail: `expected text/event-stream, got: ${response.headers.get('content-type') ?? 'nothing'}`,
    instance: response.url,
  };
}
