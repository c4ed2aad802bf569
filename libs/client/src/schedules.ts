import { queryOf } from './query.js';
import { ProblemError } from './errors.js';
import type {
  BackfillRequest,
  PauseNote,
  Schedule,
  ScheduleBackfilled,
  Scheduled,
  ScheduleFilter,
  SchedulePage,
  ScheduleRun,
  ScheduleSettings,
  ScheduleTriggered,
} from './model.js';
import { quoted, randomKey } from './random-key.js';
import type { CallOptions, Request, Transport } from './transport.js';

export interface PutScheduleOptions extends CallOptions {
  /** The revision that is to be replaced, or `'none'` where there is to be no schedule of that id yet; a `ProblemError` of status 412 where it is otherwise. */
  expected?: number | 'none';
}

/** What can be done with schedules: jobs that are made at set times. */
export class Schedules {
  constructor(private readonly transport: Transport) {}

  /** By id, without their payloads. */
  list(filter: ScheduleFilter = {}, call?: CallOptions): Promise<SchedulePage> {
    return this.transport.json({ method: 'GET', path: `/schedules${queryOf(filter)}` }, call);
  }

  /** All of them, page after page, without their payloads. */
  async *all(filter: Omit<ScheduleFilter, 'cursor'> = {}, call?: CallOptions): AsyncGenerator<Scheduled, void, undefined> {
    let page = await this.list(filter, call);
    yield* page.items;
    while (page.nextCursor !== null) {
      page = await this.list({ ...filter, cursor: page.nextCursor }, call);
      yield* page.items;
    }
  }

  /** With its payload, its next runs and its last ticks. */
  get(id: string, call?: CallOptions): Promise<Schedule> {
    return this.transport.json({ method: 'GET', path: pathOf(id) }, call);
  }

  /** Creates it, or replaces what it says. */
  put(id: string, settings: ScheduleSettings, { expected, ...call }: PutScheduleOptions = {}): Promise<Schedule> {
    const headers: Record<string, string> = expected === undefined ? {} : expected === 'none' ? { 'if-none-match': '*' } : { 'if-match': `"${expected}"` };
    return this.transport.json({ method: 'PUT', path: pathOf(id), body: settings, headers }, call);
  }

  /** Its jobs stay. After a lost answer it is repeated, and finds it gone. */
  async delete(id: string, call?: CallOptions): Promise<void> {
    let attempts = 0;
    const request: Request = { method: 'DELETE', path: pathOf(id), onAttempt: () => attempts++ };
    try {
      await this.transport.send(request, call);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 404 || attempts < 2) throw error;
    }
  }

  pause(id: string, note: PauseNote = {}, call?: CallOptions): Promise<Schedule> {
    return this.transport.json({ method: 'POST', path: `${pathOf(id)}/pause`, body: note }, call);
  }

  resume(id: string, call?: CallOptions): Promise<Schedule> {
    return this.transport.json({ method: 'POST', path: `${pathOf(id)}/resume`, body: {} }, call);
  }

  /** One job now, outside of its rhythm. Without a key the client makes a random one, so that its own repeats make no second job. */
  trigger(id: string, { idempotencyKey = randomKey(), ...call }: CallOptions & { idempotencyKey?: string } = {}): Promise<ScheduleTriggered> {
    const headers = { 'idempotency-key': quoted(idempotencyKey) };
    return this.transport.json({ method: 'POST', path: `${pathOf(id)}/trigger`, body: {}, headers }, call);
  }

  /** A job for each tick of a time that has passed and that has none. A repeat makes only what is left. */
  backfill(id: string, request: BackfillRequest, call?: CallOptions): Promise<ScheduleBackfilled> {
    return this.transport.json({ method: 'POST', path: `${pathOf(id)}/backfill`, body: request }, call);
  }

  /** When a spec would tick. Sets nothing. */
  async preview(spec: ScheduleSettings['spec'], { count, ...call }: CallOptions & { count?: number } = {}): Promise<ScheduleRun[]> {
    const body = { spec, ...(count === undefined ? {} : { count }) };
    return (await this.transport.json<{ nextRuns: ScheduleRun[] }>({ method: 'POST', path: '/schedules/preview', body }, call)).nextRuns;
  }
}

function pathOf(id: string): string {
  return `/schedules/${encodeURIComponent(id)}`;
}
