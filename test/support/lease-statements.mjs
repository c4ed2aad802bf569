// The statements of a ledger of leases that the database keeps by itself, for the chaos tests and the laboratory.

/** One row for each attempt that got a lease, and for each that lost it, however it ended. */
export const KEPT = `
  CREATE TABLE public.lease_ledger (job_id uuid NOT NULL, step integer NOT NULL, at timestamptz NOT NULL);
  CREATE FUNCTION public.keep_lease() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.lease_ledger VALUES (NEW.id, CASE WHEN NEW.state = 'running' THEN 1 ELSE -1 END, clock_timestamp());
    RETURN NEW;
  END $$;
  CREATE TRIGGER keep_lease AFTER UPDATE OF state ON jobs FOR EACH ROW
    WHEN (NEW.limit_keys IS NOT NULL AND (OLD.state = 'running') <> (NEW.state = 'running')) EXECUTE FUNCTION public.keep_lease()`;

export const MOST = `SELECT max(held)::int AS most FROM (SELECT sum(step) OVER (ORDER BY at, step ROWS UNBOUNDED PRECEDING) AS held FROM public.lease_ledger) AS each`;

/** Of so many starts in a row, the shortest time: by how much any window of time has more starts than the rate gives it. */
export const EXCESS = `
  WITH starts AS (SELECT row_number() OVER (ORDER BY at) AS n, extract(epoch FROM at)::float8 AS at FROM public.lease_ledger WHERE step = 1)
  SELECT max(t.n - f.n + 1 - $1::float8 * (t.at - f.at)) AS excess FROM starts f JOIN starts t ON t.n >= f.n`;

export const STARTS = `SELECT count(*)::int AS starts, coalesce(extract(epoch FROM max(at) - min(at)), 0)::float8 AS seconds FROM public.lease_ledger WHERE step = 1 AND at <= $1::timestamptz`;
