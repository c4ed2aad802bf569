-- Ten million finished jobs of twelve days, one of a hundred of them failed, and a million queued ones (`-v finished=… -v queued=…` for others). Indexes are made afterwards.
SET synchronous_commit = off;
SET search_path = longhaul;
SET maintenance_work_mem = '512MB';
INSERT INTO queues (name) VALUES ('default') ON CONFLICT DO NOTHING;
CREATE TEMP TABLE made AS SELECT indexdef FROM pg_indexes WHERE schemaname = 'longhaul' AND tablename = 'jobs' AND indexname <> 'jobs_pkey';
SELECT format('DROP INDEX longhaul.%I', indexname) FROM pg_indexes WHERE schemaname = 'longhaul' AND tablename = 'jobs' AND indexname <> 'jobs_pkey' \gexec
INSERT INTO jobs (id, kind, queue, state, priority, payload, attempt, max_attempts, result, lease_token, publish_id, worker_id, fence, queued_at, created_at, started_at,
                  finished_at, events, history)
SELECT id, CASE WHEN n % 20 = 1 THEN 'other.kind' ELSE 'debug.echo' END, 'default', state, 4, '{"value":"abcdefghijklmnopqrstuvwxyz"}', 1, 3,
       CASE WHEN state = 'succeeded' THEN '{"value":"abcdefghijklmnopqrstuvwxyz"}'::json END, gen_random_uuid(), gen_random_uuid(), 1, 1,
       at, at, at + interval '0.1 seconds', at + interval '0.2 seconds', 3,
       CASE WHEN state <> 'succeeded' THEN jsonb_build_array(jsonb_build_array(3, state, 1, round(extract(epoch FROM at), 3))) END
FROM (
  SELECT n, at, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid AS id,
         CASE WHEN n % 100 = 7 THEN 'failed' WHEN n % 1000 = 9 THEN 'cancelled' ELSE 'succeeded' END AS state
  FROM (SELECT n, now() - interval '12 days' + n * interval '12 days' / :finished AS at FROM generate_series(1, :finished) n) g
) j;
INSERT INTO jobs (id, kind, queue, state, priority, payload, max_attempts, queued_at, created_at, events, history)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid,
       'debug.echo', 'default', 'queued', 4, '{"value":"abcdefghijklmnopqrstuvwxyz"}', 3, at, at, 1, NULL
FROM (SELECT n, now() - interval '1 hour' + n * interval '1 millisecond' AS at FROM generate_series(1, :queued) n) g;
SELECT indexdef FROM made \gexec
VACUUM ANALYZE jobs;
