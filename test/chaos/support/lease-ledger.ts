import type { World } from './world.js';

/** One row for each attempt that got a lease, and for each that lost it, however it ended. */
const KEPT = `
  CREATE TABLE public.lease_ledger (job_id uuid NOT NULL, step integer NOT NULL, at timestamptz NOT NULL);
  CREATE FUNCTION public.keep_lease() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.lease_ledger VALUES (NEW.id, CASE WHEN NEW.state = 'running' THEN 1 ELSE -1 END, clock_timestamp());
    RETURN NEW;
  END $$;
  CREATE TRIGGER keep_lease AFTER UPDATE OF state ON jobs FOR EACH ROW
    WHEN (NEW.limit_keys IS NOT NULL AND (OLD.state = 'running') <> (NEW.state = 'running')) EXECUTE FUNCTION public.keep_lease()`;

const MOST = `SELECT max(held)::int AS most FROM (SELECT sum(step) OVER (ORDER BY at, step ROWS UNBOUNDED PRECEDING) AS held FROM public.lease_ledger) AS each`;

/** Of so many starts in a row, the shortest time: by how much any window of time has more starts than the rate gives it. */
const EXCESS = `
  WITH starts AS (SELECT row_number() OVER (ORDER BY at) AS n, extract(epoch FROM at)::float8 AS at FROM public.lease_ledger WHERE step = 1)
  SELECT max(t.n - f.n + 1 - $1::float8 * (t.at - f.at)) AS excess FROM starts f JOIN starts t ON t.n >= f.n`;

const STARTS = `SELECT count(*)::int AS starts, coalesce(extract(epoch FROM max(at) - min(at)), 0)::float8 AS seconds FROM public.lease_ledger WHERE step = 1 AND at <= $1::timestamptz`;

/**
 * The attempts of jobs with limits that hold a lease, written down by the database itself. A row is written before its transaction commits, and whoever takes over a slot
 * sees it only after that: so the ledger never shows two leases at once that were one after the other, and misses none that were together.
 */
export class LeaseLedger {
  private constructor(private readonly world: World) {}

  /** From now on. */
  static async keep(world: World): Promise<LeaseLedger> {
    await world.query(KEPT);
    return new LeaseLedger(world);
  }

  /** How many held a lease at one moment, at most. */
  async most(): Promise<number> {
    return (await this.world.query<{ most: number | null }>(MOST))[0]?.most ?? 0;
  }

  /** The largest of `starts - perSecond × seconds` of all windows of time: a bucket of `burst` tokens allows the burst. */
  async excessOver(perSecond: number): Promise<number> {
    return (await this.world.query<{ excess: number | null }>(EXCESS, [perSecond]))[0]?.excess ?? 0;
  }

  /** Starts until then, and the seconds between the first and the last of them. */
  async startsUntil(at: string): Promise<{ starts: number; seconds: number }> {
    return (await this.world.query<{ starts: number; seconds: number }>(STARTS, [at]))[0] ?? { starts: 0, seconds: 0 };
  }
}
