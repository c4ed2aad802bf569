import { type Database, statement } from '../pool/database.js';
import { CAPACITY, limitOf } from '../flow/limit-columns.js';

/** Limits that are told apart; the others are summed up. Metrics that came and went with the order of their use would be of no use. */
const MOST_LIMITS = 50;
/** For so many times as long as it took it is not done again. */
const REST = 50;

/**
 * Who waits in the room, by queue and priority, and how the limits are used, by name: $1 of them, and the rest in one row without a name. One look at
 * each place and each slot.
 */
export const ROOM_FIGURES = statement(
  'room:figures',
  `WITH places AS MATERIALIZED (
     SELECT queue, priority, ${limitOf('parked_on')} AS parked, count(*)::integer AS jobs, min(entered_at) AS since FROM lh.waiting_room GROUP BY 1, 2, 3
   ), uses AS (
     SELECT name, sum(used)::integer AS used, sum(parked)::integer AS parked FROM (
       SELECT name, 0 AS used, 0 AS parked FROM lh.flow_limits WHERE tenant = 'default'
       UNION ALL SELECT ${limitOf('limit_key')}, 1, 0 FROM lh.flow_slots
       UNION ALL SELECT parked, 0, jobs FROM places WHERE parked IS NOT NULL
     ) each GROUP BY name
   ), named AS (
     SELECT CASE WHEN row_number() OVER (ORDER BY u.name COLLATE "C") <= $1::integer THEN u.name END AS name, u.used, u.parked, ${CAPACITY} AS capacity
     FROM uses u LEFT JOIN lh.flow_limits l ON l.tenant = 'default' AND l.name = u.name
   )
   SELECT (SELECT coalesce(json_agg(q), '[]') FROM (
             SELECT queue, priority, coalesce(sum(jobs) FILTER (WHERE parked IS NULL), 0)::integer AS waiting,
                    extract(epoch FROM now() - min(since) FILTER (WHERE parked IS NULL))::float8 AS "oldestSeconds"
             FROM places GROUP BY queue, priority
           ) q) AS queues,
          (SELECT coalesce(json_agg(l), '[]') FROM (
             SELECT name, sum(used)::integer AS used, sum(parked)::integer AS parked, CASE WHEN name IS NOT NULL THEN max(capacity) END AS capacity
             FROM named GROUP BY name
           ) l) AS limits`,
);

export interface QueueFigures {
  queue: string;
  priority: number;
  /** Jobs that only their turn keeps, and how long the oldest of them has waited; null where there is none. */
  waiting: number;
  oldestSeconds: number | null;
}

export interface LimitUse {
  /** Null: all the limits that are not told apart. */
  name: string | null;
  /** Slots that are taken, and jobs that wait for one, under all its keys. */
  used: number;
  parked: number;
  /** Jobs that it lets run at once, of each of its keys; null without such a limit. */
  capacity: number | null;
}

/** Of the whole installation. */
export interface RoomFigures {
  queues: QueueFigures[];
  limits: LimitUse[];
}

/** Counts the waiting room for metrics, at most so often, and more rarely where it takes long: there may be a million places. */
export class RoomCounter {
  figures: RoomFigures = { queues: [], limits: [] };
  private next = 0;

  constructor(
    private readonly db: Database,
    private readonly everyMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Call it now and then. Rejects when the store does not answer; what was counted before stands. */
  async tend(): Promise<void> {
    const began = this.now();
    if (began < this.next) return;
    this.next = began + this.everyMs;
    const [row] = await this.db.run<RoomFigures>(ROOM_FIGURES, [MOST_LIMITS]);
    if (row) this.figures = row;
    const now = this.now();
    this.next = now + Math.max(this.everyMs, REST * (now - began));
  }
}
