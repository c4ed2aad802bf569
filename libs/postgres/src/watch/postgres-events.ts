import {
  type EventFilter,
  type EventPage,
  type EventReader,
  isTerminal,
  type JobEnd,
  type JobError,
  type JobId,
  type JobState,
  type JsonText,
  type Progress,
  type StoredEvent,
} from '@app/core';
import type { Database } from '../pool/database.js';
import { walkJobs } from '../control/job-walk.js';
import { READ_EVENTS, RECENTLY_CHANGED } from './read-events.js';

type HistoryEntry = [seq: number, state: JobState, attempt: number, seconds: number];
type OwnEntry = [seq: number, type: 'progress' | 'log', seconds: number, data: never];

interface EventsRow {
  id: JobId;
  kind: string;
  tags: string[];
  tenant: string;
  state: JobState;
  events: number;
  history: HistoryEntry[];
  own: OwnEntry[] | null;
  ending: [JobError | null, Progress | null] | null;
  result: JsonText | null;
  /** Its result cannot be opened: see `openRows`. */
  unreadable?: string;
}

export class PostgresEvents implements EventReader {
  constructor(private readonly db: Database) {}

  async read(jobs: { jobId: JobId; after: number }[], limit: number): Promise<EventPage[]> {
    const after = new Map(jobs.map((job) => [job.jobId, job.after]));
    const rows = await this.db.run<EventsRow>(READ_EVENTS, [[...after.keys()], [...after.values()], limit]);
    // One whose result cannot be read waits with its end, and the others are told.
    return rows.filter(({ unreadable }) => unreadable === undefined).map((row) => toPage(row, after.get(row.id) ?? 0, limit));
  }

  async recent({ tenant, kind, tag, seconds, limit }: EventFilter & { seconds: number; limit: number }): Promise<{ jobIds: JobId[]; now: Date }> {
    const newest = await walkJobs(
      this.db,
      { ...(tenant === undefined ? {} : { tenant }), ...(kind === undefined ? {} : { kinds: [kind] }), ...(tag === undefined ? {} : { tags: [tag] }) },
      limit,
    );
    const [row] = await this.db.run<{ ids: JobId[]; now: Date }>(RECENTLY_CHANGED, [kind ?? null, tag ?? null, seconds, newest.ids, limit, tenant ?? null]);
    const { ids, now } = row as { ids: JobId[]; now: Date };
    return { jobIds: ids, now };
  }
}

function toPage(row: EventsRow, after: number, limit: number): EventPage {
  const { id: jobId, kind, tags, tenant, state, events: last } = row;
  const own = row.own ?? [];
  // With more of them to come, changes of state that lie behind them have to wait their turn.
  const until = own.length < limit ? last : (own.at(-1)?.[0] ?? last);
  const changes = row.history.filter(([seq]) => seq > after && seq <= until).map((entry) => stateEvent(row, entry));
  const events = [...changes, ...own.map((entry) => ownEvent(jobId, entry))].sort((a, b) => a.seq - b.seq);
  return { jobId, kind, tags, tenant, state, first: row.history[0]?.[0] ?? 1, last, events };
}

function stateEvent({ id, events, ending, result }: EventsRow, [seq, state, attempt, seconds]: HistoryEntry): StoredEvent {
  const end: JobEnd | undefined = isTerminal(state) && seq === events && ending ? { result, error: ending[0], progress: ending[1] } : undefined;
  return { jobId: id, seq, at: new Date(seconds * 1_000), type: 'state', state, attempt, ...(end ? { end } : {}) };
}

function ownEvent(jobId: JobId, [seq, type, seconds, data]: OwnEntry): StoredEvent {
  const named = { jobId, seq, at: new Date(seconds * 1_000) };
  return type === 'progress' ? { ...named, type, progress: data } : { ...named, type, line: data };
}
